"""Sets formulas as MathML with docutils' own converter, so that the pages need neither a script nor the network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError, latex2mathml
from sphinx.errors import ExtensionError

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


TEXT = re.compile(r"\\text\{[^{}]*\}")  # docutils takes its content letter by letter
ACCENT = re.compile(r"\\(?:overline|underline|bar)\{[^{}]*\}(?=[_^])")  # and sets an index below, not beside, an accent


def mathml(latex: str, *, block: bool) -> str:
    """Convert a formula, or say which one can't be."""
    latex = TEXT.sub(lambda found: found[0].replace(r"\_", "_"), ACCENT.sub(r"\g<0>{}", latex))
    lines = [part for part in latex.strip().split("\n\n") if part.strip()]
    if block and (len(lines) > 1 or "\\\\" in latex) and not latex.lstrip().startswith(r"\begin"):
        latex = r"\begin{aligned}" + r" \\ ".join(lines) + r"\end{aligned}"
    try:
        tree = latex2mathml.tex2mathml(latex, as_block=block)
    except MathError as error:
        raise ExtensionError(f"no MathML for {latex!r}: {error}") from error
    return str(tree)


def inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    translator.body.append(f'<div class="math">{mathml(node.astext(), block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the renderer."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

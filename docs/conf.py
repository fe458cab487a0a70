"""How the documentation is built: MyST pages, and pages written from the code just before."""

from __future__ import annotations

import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "isopt"
author = "The isopt authors"
copyright = "The isopt authors"
release = version = installed("isopt")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "from_code"]
exclude_patterns = ["_build", "_generated"]
html_theme = "furo"
html_title = "isopt"
html_math_renderer = "mathml"  # no script and no network: the browser sets the formulas itself
html_static_path = ["_static"]
html_css_files = ["maths.css"]
html_theme_options = {"navigation_with_keys": True}

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
suppress_warnings = ["myst.header"]  # generated parts begin below the page's own title


def setup(app: Sphinx) -> None:
    """Show tables as plain text: Pygments knows no CSV."""
    app.add_lexer("csv", TextLexer)

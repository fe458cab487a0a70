"""Small pieces of SVG that figures are put together from, whatever stands in the names."""

from __future__ import annotations

import re
from html import escape

NARROW, USUAL, UPPER, WIDE = 0.34, 0.6, 0.7, 1.0
"""Widths of characters as shares of their size in DejaVu Sans, the widest of the faces that browsers fall back on."""
NARROW_ONES = frozenset(" fijltrI.,;:!|'`()[]{}/\\-·")
WIDE_ONES = frozenset("mwMW@%&→…")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 has no way to write (section 2.2)


def said(words: object) -> str:
    """
    Text that may stand in an element or in an attribute.

    Parameters
    ----------
    words
        Anything; control characters, which no XML may hold, are left out.

    Examples
    --------
    >>> said('<b>"R&D"</b>')
    '&lt;b&gt;&quot;R&amp;D&quot;&lt;/b&gt;'
    """
    return escape(UNSEEN.sub("", str(words)), quote=True)


def at(number: float) -> str:
    """
    A coordinate with one decimal, as short as it goes.

    Parameters
    ----------
    number
        In pixels.

    Examples
    --------
    >>> at(12.04), at(0.35)
    ('12', '0.3')
    """
    return f"{number + 0.0:.1f}".removesuffix(".0")


def wide(words: str, size: float) -> float:
    """
    How wide a line of text is at most, in pixels.

    Parameters
    ----------
    words
        One line.
    size
        Of the characters, in pixels.

    Examples
    --------
    >>> wide("ill", 10) < wide("ash", 10) < wide("MWh", 10)
    True
    """
    shares = (
        NARROW
        if sign in NARROW_ONES
        else WIDE
        if sign in WIDE_ONES or ord(sign) > 0x2E7F  # ideographs, and signs beyond the first plane such as emoji
        else UPPER
        if sign.isupper()
        else USUAL
        for sign in words
    )
    return size * sum(shares)


def fitted(words: str, width: float, size: float) -> str:
    """
    Words that are cut where they would be wider than a space.

    Parameters
    ----------
    words
        One line.
    width
        Of the space, in pixels.
    size
        Of the characters, in pixels.

    Examples
    --------
    >>> fitted("Municipal waste water treatment plant", 120, 12)
    'Municipal waste…'
    """
    if wide(words, size) <= width:
        return words
    most = len(words)
    while most > 1 and wide(words[:most], size) + WIDE * size > width:
        most -= 1
    return f"{words[:most].rstrip()}…"


def line(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    """
    A line of text.

    Parameters
    ----------
    x, y
        Where it begins, ends or has its middle, and its middle line, in pixels.
    words
        The text, not yet escaped.
    anchor
        ``start``, ``end`` or ``middle``.
    kind
        Class of the element.
    """
    looks = f' class="{kind}"' if kind else ""
    put = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{at(x)}" y="{at(y)}" dy=".35em"{put}{looks}>{said(words)}</text>'


def figure(parts: list[str], *, width: float, height: float, name: str, title: str, about: str, style: str = "") -> str:
    """
    An SVG element that a page holds as it is: it takes the width it gets and says what it shows to those who can't see.

    Parameters
    ----------
    parts
        Elements in the order in which they are painted.
    width, height
        Of the drawing, in pixels; a page shows it in this ratio at any width.
    name
        Begins the ids of title and description; of its own for each figure of a page.
    title, about
        Title and description, not yet escaped.
    style
        Rules for what is inside.
    """
    key = re.sub(r"[^A-Za-z0-9_-]", "-", name) or "figure"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {at(width)} {at(height)}" role="img" '
        f'aria-labelledby="{key}-title {key}-about" class="isopt-figure" '
        f'style="display:block;width:100%;height:auto">'
        f'<title id="{key}-title">{said(title)}</title><desc id="{key}-about">{said(about)}</desc>'
        f"{f'<style>{style}</style>' if style else ''}{''.join(parts)}</svg>"
    )

"""Pages that need no network: assets inlined, data made harmless, and a check that nothing is fetched."""

from __future__ import annotations

import base64
import json
import re
from functools import cache
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

from isopt.errors import IsoptError
from isopt.solution.store import replace_text

LEAFLET = ("js_lib_leaflet", "static/js_lib_leaflet")  # of the wheel django-js-lib-leaflet; Django is not imported
FETCHING = {
    "script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
    "object": "data", "embed": "src", "input": "src", "image": "href", "use": "href", "base": "href", "form": "action",
}  # fmt: skip
STYLE_ADDRESS = re.compile(r"""url\(\s*['"]?([^'")]*)|@import\s+['"]([^'"]*)""", re.IGNORECASE)


class ExternalAddressError(IsoptError):
    """A page would fetch something from elsewhere."""


@cache
def leaflet() -> tuple[str, str]:
    """Leaflet's style sheet, its pictures inlined, and its script."""
    folder = resources.files(LEAFLET[0]).joinpath(LEAFLET[1])

    def picture(found: re.Match[str]) -> str:
        name = found.group(1).strip("'\"")
        if name.startswith(("data:", "#")):
            return found.group(0)
        return f"url(data:image/png;base64,{base64.b64encode(folder.joinpath(name).read_bytes()).decode()})"

    style = re.sub(r"url\(([^)]+)\)", picture, folder.joinpath("leaflet.css").read_text(encoding="utf-8"))
    script = folder.joinpath("leaflet.js").read_text(encoding="utf-8")
    return style, for_script(re.sub(r"//[#@] sourceMappingURL=.*", "", script))


def for_script(code: str) -> str:
    r"""
    Script text that can't end the element that it stands in.

    Parameters
    ----------
    code
        JavaScript.

    Examples
    --------
    >>> for_script("'</script>'")
    "'<\\/script>'"
    """
    return re.sub(r"</(script)", r"<\\/\1", code, flags=re.IGNORECASE)


def as_json(value: Any) -> str:
    r"""
    Data as JSON that may stand inside a script element, whatever the texts in it say.

    Parameters
    ----------
    value
        Anything that JSON knows; NaN is an error.

    Examples
    --------
    >>> as_json({"name": "</script>"})
    '{"name":"\\u003c/script>"}'
    """
    written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in ("<", "\u2028", "\u2029"):
        written = written.replace(sign, f"\\u{ord(sign):04x}")
    return written


def template(name: str) -> str:
    """
    Text of one of our own template files.

    Parameters
    ----------
    name
        File in `isopt/views/templates`.
    """
    return resources.files("isopt.views").joinpath("templates", name).read_text(encoding="utf-8")


class _Addresses(HTMLParser):
    """Collects what a page would fetch when it is opened; links that a reader may follow are not fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        for name, value in attrs:
            if value and (FETCHING.get(tag) == name or name in ("srcset", "poster", "background", "xlink:href")):
                self.found.append(value)
            if value and name == "style":
                self._styles(value)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 (the base class names it)
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self._styles(data)

    def _styles(self, sheet: str) -> None:
        self.found.extend(first or second for first, second in STYLE_ADDRESS.findall(sheet))


def external_addresses(page: str) -> list[str]:
    """
    Addresses that a page would fetch from elsewhere when it is opened.

    Parameters
    ----------
    page
        HTML. Scripts are not run: what our own scripts may fetch is tested in a browser.

    Examples
    --------
    >>> external_addresses('<script src="//cdn.example/x.js"></script><a href="https://example.org">read</a>')
    ['//cdn.example/x.js']
    """
    reader = _Addresses()
    reader.feed(page)
    reader.close()
    return [address for address in reader.found if address.strip() and not address.strip().startswith(("data:", "#"))]


def write_page(page: str, path: str | Path) -> Path:
    """
    Write a page that needs nothing but itself.

    Parameters
    ----------
    page
        HTML.
    path
        File to write; it is replaced at once, never seen half written.

    Raises
    ------
    ExternalAddressError
        If opening the page would fetch anything from elsewhere.
    """
    if addresses := external_addresses(page):
        named = ", ".join(sorted(set(addresses)))
        raise ExternalAddressError(f"{Path(path).name} would fetch {named}; a page must open offline")
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    # a name may hold a lone surrogate, which no encoding knows: it is shown as its code
    return replace_text(target, page.encode("utf-8", errors="backslashreplace").decode("utf-8"))

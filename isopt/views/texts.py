"""
Every text that views show, from one catalogue: the files of ``isopt/views/words``, a line per text with its languages.

A text is found by its name, in the language that is spoken (`isopt.views.language.speaking`); words in braces are
filled in. Names that begin alike belong together: ``group("map")`` gives the page's script all texts of the map.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from isopt.views.language import LANGUAGES, Language, digits, is_one, spoken


@cache
def catalogue() -> Mapping[Language, Mapping[str, str]]:
    """
    All texts by language and name.

    Returns
    -------
    texts
        For each language, text by name; a name is its group, a dot and its key.

    Examples
    --------
    >>> catalogue()["en"]["map.layers"]
    'Layers'
    """
    found: dict[Language, dict[str, str]] = {language: {} for language in LANGUAGES}
    for file in sorted(resources.files("isopt.views").joinpath("words").iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        for start, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for key, said in entries.items():
                for language in LANGUAGES:
                    found[language][f"{start}.{key}"] = said[language]
    return found


def text(name: str, /, **words: object) -> str:
    """
    The text of that name with its words filled in.

    Parameters
    ----------
    name
        Key of the catalogue.
    words
        What stands for the names in braces.

    Examples
    --------
    >>> text("map.to", name="Cement works")
    'to Cement works'
    """
    return catalogue()[spoken()][name].format(**words)


def counted(number: int, noun: str) -> str:
    """
    A number with its noun in the right form.

    Parameters
    ----------
    number
        How many.
    noun
        The noun's name in the catalogue, without `one` or `many`.

    Examples
    --------
    >>> counted(1, "exchange"), counted(1200, "exchange")
    ('1 exchange', '1,200 exchanges')
    """
    return text(f"count.{noun}.{'one' if is_one(number) else 'many'}", number=digits(number))


def known(name: str, otherwise: str) -> str:
    """
    The text of that name, or something else where the catalogue has none.

    Parameters
    ----------
    name
        Key of the catalogue.
    otherwise
        What to say where there is no such key, such as the identifier itself.
    """
    return catalogue()[spoken()].get(name, otherwise)


def group(prefix: str) -> dict[str, str]:
    """
    All texts whose name begins with a word and a dot, without that beginning and with their braces unfilled.

    Parameters
    ----------
    prefix
        First word of the names.

    Examples
    --------
    >>> group("list")["and"]
    '{first} and {last}'
    """
    start = f"{prefix}."
    texts = catalogue()[spoken()]
    return {name.removeprefix(start): words for name, words in texts.items() if name.startswith(start)}

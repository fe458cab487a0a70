"""The catalogue of the views' texts, and how languages write numbers."""

from __future__ import annotations

import re
import string
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from isopt.cli import pages_parser
from isopt.errors import InputError
from isopt.views.language import LANGUAGES, MARKS, digits, is_one, speaking, spoken
from isopt.views.numbers import plain, share
from isopt.views.texts import catalogue, counted, group, text

WORDS = Path(__file__).resolve().parents[1] / "isopt" / "views" / "words"
FILES = sorted(WORDS.glob("*.toml"))


def entries(path):
    return {
        f"{start}.{key}": said for start, ones in tomllib.loads(path.read_text()).items() for key, said in ones.items()
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_is_said_in_every_language(path):
    """None is missing or empty, and all fill in the same words."""
    for name, said in entries(path).items():
        assert set(said) == set(LANGUAGES), name
        assert all(words.strip() for words in said.values()), name
        fields = {
            language: {field for _, field, *_ in string.Formatter().parse(words) if field}
            for language, words in said.items()
        }
        assert len({frozenset(one) for one in fields.values()}) == 1, (name, fields)


def test_no_text_has_two_homes():
    """A name stands in one file only: the other one would be lost."""
    names = Counter(name for path in FILES for name in entries(path))

    assert [name for name, count in names.items() if count > 1] == []
    assert set(names) == set(catalogue()["en"])


def test_texts_are_translated():
    """Most texts of more than two words differ between languages; the rest are names, units and formulas."""
    long = {name: words for name, words in catalogue()["en"].items() if len(re.sub(r"\{\w+\}", "", words).split()) > 2}

    for language in ("fr", "de"):
        same = [name for name, words in long.items() if catalogue()[language][name] == words]
        assert len(same) <= len(long) / 50, same


def test_numbers_follow_the_language():
    """1,234.5 in English is 1.234,5 in German and 1 234,5, with a narrow space, in French."""
    told = {}
    for language in LANGUAGES:
        with speaking(language):
            told[language] = (digits(1234.5, 1), plain(2_500_000.0), plain(0.0456), share(0.004))

    assert told["en"] == ("1,234.5", "2.5 million", "0.0456", "0.4 %")
    assert told["de"] == ("1.234,5", "2,5 Mio.", "0,0456", "0,4 %")
    assert told["fr"][0] == "1\u202f234,5"
    assert told["fr"][2:] == ("0,0456", "0,4 %")


def test_nouns_follow_the_rules_of_the_language():
    """None is many in English and German, but one in French."""
    with speaking("fr"):
        assert is_one(0)
        assert counted(0, "exchange") == counted(1, "exchange").replace("1", "0")
    assert not is_one(0)
    assert (counted(0, "exchange"), counted(1, "exchange")) == ("0 exchanges", "1 exchange")


def test_a_language_is_spoken_only_inside():
    """What is made after an error speaks as before, and one language may stand inside another."""

    def failing():
        with speaking("de"):
            assert text("map.layers") == catalogue()["de"]["map.layers"]
            with speaking("fr"):
                assert group("map")["layers"] == catalogue()["fr"]["map.layers"]
            assert spoken() == "de"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert spoken() == "en"


def test_a_language_that_nobody_speaks_is_refused():
    """The message lists those that are there."""
    with pytest.raises(InputError, match="en, fr, de"), speaking("tlh"):
        pass


def test_the_command_line_offers_every_language():
    """It names them itself, since reading the views to know them would make it wait."""
    assert pages_parser.LANGUAGES == LANGUAGES


def test_every_language_has_a_name_and_a_locale():
    """What pages offer to choose from."""
    assert {language: marks.locale[:2] for language, marks in MARKS.items()} == {one: one for one in LANGUAGES}

"""List of Waste codes are found however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopt import waste


def test_the_whole_list_is_there():
    """The List of Waste has 842 entries in 20 chapters, 408 of them hazardous."""
    entries = waste.codes().values()

    assert len(entries) == 842
    assert len({entry.code[:2] for entry in entries}) == 20
    assert sum(entry.hazardous for entry in entries) == 235 + 173  # absolute and mirror entries


@pytest.mark.parametrize("text", ["170601", "17 06 01", "17 06 01*", "17.06.01", "17-06-01 *", " 170601* "])
def test_blanks_dots_and_the_asterisk_do_not_matter(text: str):
    """One code, many spellings."""
    assert waste.digits(text) == "170601"
    assert waste.label(text) == "17 06 01*"


def test_a_leading_zero_lost_to_a_spreadsheet_is_put_back():
    """A cell with 010101 comes out of a spreadsheet as the number 10101."""
    assert waste.digits("10101") == "010101"
    assert waste.label("10101") == "01 01 01"


@pytest.mark.parametrize("text", ["", "17 06 0l", "steel", "1", "17 0", "1706012", "١٧٠٦٠١"])
def test_what_is_no_code_has_no_digits(text: str):
    """Letters that look like digits, other scripts and odd lengths are no codes."""
    assert waste.digits(text) == ""
    assert not waste.is_prefix(text)


def test_prefixes_are_chapters_sub_chapters_and_entries():
    """17 and 17 06 are headings of the list, 17 10 and 21 are not; only six digits make a code."""
    assert [waste.is_prefix(text) for text in ("17", "17 06", "17 06 01*", "17 10", "21")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert [waste.is_code(text) for text in ("17", "17 06", "17 06 01*")] == [False, False, True]


def test_a_code_has_the_prefixes_it_begins_with():
    """Matching ignores spelling, and a material without a code matches nothing."""
    assert waste.has_prefix("17 06 01*", "17.06")
    assert not waste.has_prefix("17 06 01*", "17 05")
    assert not waste.has_prefix("", "17")
    assert not waste.has_prefix("17 06 01", "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("17 06 01", ""),
        ("17 06 0l", '"17 06 0l" is not a List of Waste code; did you mean "17 06 01*"?'),
        ("l0 O1 02", '"l0 O1 02" is not a List of Waste code; did you mean "10 01 02"?'),
        ("17 06 02", '"17 06 02" is not a List of Waste code; did you mean "17 06 05*"?'),
        ("slag", '"slag" is not a List of Waste code'),
    ],
)
def test_a_wrong_code_is_named_with_the_likely_one(text: str, message: str):
    """Look-alike letters are read as digits first, then the most similar sister code is proposed."""
    assert waste.problem_with(text) == message


@given(st.sampled_from(sorted(waste.codes())), st.sampled_from(["", " ", ".", "-"]), st.booleans())
def test_every_code_is_known_in_every_spelling(code: str, separator: str, starred: bool):
    """Separators and asterisk never hide a code, and its label reads as the code again."""
    text = separator.join((code[:2], code[2:4], code[4:])) + ("*" if starred else "")

    assert waste.is_code(text)
    assert waste.digits(waste.label(text)) == code
    assert waste.label(text).endswith("*") == waste.codes()[code].hazardous

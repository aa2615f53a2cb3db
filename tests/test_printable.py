"""A log cannot steer the terminal it is shown in."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.printable import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\u202eb", r"a\x202eb"),
        ("one\rtwo", r"one\x0dtwo"),
        ("one\r\ntwo\tthree", "one\ntwo\tthree"),
        ("Größe 漢字", "Größe 漢字"),
    ],
)
def test_controls_are_shown_and_text_stays(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_nothing_that_steers_comes_through(text: str) -> None:
    assert not [char for char in printable(text) if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Cs")]

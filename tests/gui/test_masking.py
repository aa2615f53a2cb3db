"""Masking on screen: nothing of a secret is shown, everything else stays, places map over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector.gui.masking import MASK, find_loosely, mask

TEXTS = st.text(st.characters(exclude_characters="•", codec="utf-8"), max_size=60)
RANGES = st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=5)


def test_masks_a_secret_and_not_its_length() -> None:
    assert mask("user:hunter2!", [(5, 13)]).text == f"user:{MASK}"
    assert mask("user:hunter2!hunter2!", [(5, 21)]).text == f"user:{MASK}"


@given(TEXTS, RANGES)
def test_what_is_not_secret_stays_and_maps(text: str, ranges: list[tuple[int, int]]) -> None:
    masked = mask(text, ranges)
    secret = {place for start, end in ranges for place in range(max(0, start), min(len(text), end))}
    assert masked.text.replace(MASK, "") == "".join(letter for place, letter in enumerate(text) if place not in secret)
    for place, letter in enumerate(text):
        if place in secret:
            assert masked.text[masked.shown(place)] == MASK[0]
        else:
            assert masked.text[masked.shown(place)] == letter


def test_finds_text_whatever_its_white_space() -> None:
    assert find_loosely("<a>\n  <b>1</b>\n</a>", "<a><b>1</b>") == (0, 14)
    assert find_loosely("<a/>", "<b/>") is None
    assert find_loosely("<a/>", "  ") is None

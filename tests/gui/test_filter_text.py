"""Editing of filter texts, judged by the filter language itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.gui import filter_text
from inspector.query import parse

MOMENT = datetime(2026, 1, 26, 9, 21, 49, 120000, tzinfo=UTC)
VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30).filter(
    lambda text: bool(text.strip())
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("one two", ["one", "two"]),
        ('-level:error "a phrase" source:="Microsoft WSE"', ["-level:error", '"a phrase"', 'source:="Microsoft WSE"']),
        ("(a OR b) c", ["(a OR b)", "c"]),
        ('source:"unfinished', ['source:"unfinished']),
    ],
)
def test_takes_a_filter_apart(text: str, found: list[str]) -> None:
    parts = filter_text.terms(text)
    assert [each.text for each in parts] == found
    assert all(text[each.start : each.end] == each.text for each in parts)


@given(VALUES)
def test_a_value_becomes_a_term_that_the_language_understands(value: str) -> None:
    for column in ("provider", "computer", "user", "message"):
        for exclude in (False, True):
            parse(filter_text.column_term(column, value, exclude))


@given(VALUES)
def test_a_term_that_was_added_can_be_taken_away(value: str) -> None:
    term = filter_text.column_term("provider", value)
    whole = filter_text.with_term("level:error", term)
    parts = filter_text.terms(whole)
    assert parts[-1].text == term
    assert filter_text.without_term(whole, parts[-1]) == "level:error"


def test_adding_twice_changes_nothing_and_the_opposite_replaces() -> None:
    once = filter_text.with_term("a", "level:error")
    assert filter_text.with_term(once, "level:error") == once
    assert filter_text.with_term(once, "-level:error") == "a -level:error"


def test_alternatives_are_kept_together() -> None:
    assert filter_text.with_term("a OR b", "level:error") == "(a OR b) level:error"


def test_no_dangling_or_stays() -> None:
    text = "a OR b"
    parts = filter_text.terms(text)
    assert filter_text.without_term(text, parts[2]) == "a"
    assert filter_text.without_term(text, parts[0]) == "b"


def test_a_range_replaces_the_one_before() -> None:
    first = filter_text.time_range("level:error", MOMENT, MOMENT + timedelta(minutes=1))
    second = filter_text.around(first, MOMENT, timedelta(minutes=5))
    assert second.count("time:") == 1
    assert "time:2026-01-26T09:16:49.12Z..2026-01-26T09:26:49.12Z" in second
    parse(second)
    assert filter_text.without_field(second, "time") == "level:error"


@pytest.mark.parametrize(
    ("column", "value", "term"),
    [("level", "Audit failure", "level:failure"), ("cause", "clock_skew", "cause:clock_skew"), ("event_id", "4625", "id:4625")],
)
def test_columns_with_words_of_their_own(column: str, value: str, term: str) -> None:
    assert filter_text.column_term(column, value) == term
    parse(term)


def test_the_word_at_the_cursor() -> None:
    assert filter_text.word_at("level:error -sou", 16) == (13, "sou")
    assert filter_text.word_at("", 0) == (0, "")

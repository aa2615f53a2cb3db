"""Undoing escapes, and the way back."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.xmltext.escapes import Undone, line_prefix, undo_entities, undo_html_tags, undo_json_escapes

escaped = st.lists(st.sampled_from(["&lt;", "&gt;", "&amp;", "&quot;", "&#39;", "&#x26;", "&#38;", "&amp;lt;", "&#0;", "&#xD800;", "&no;", "&", "a", "é", "😀", "\\n", "\\\\", "\\u003c", "\\ud83d\\ude00", "\\ud83d", "\\", '\\"'])).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "undone"),
    [
        ("&lt;a b=&quot;1&quot;&gt;", '<a b="1">'),
        ("&amp;lt;", "&lt;"),
        ("&#38;lt;", "&lt;"),
        ("&#60;&#x3C;&#X3c;", "<<<"),
        ("a&nbsp;b", "a b"),
        ("&unknown; & &#0; &#xD800; &#9999999;", "&unknown; & &#0; &#xD800; &#9999999;"),
    ],
)
def test_entities(text: str, undone: str) -> None:
    assert undo_entities(text).text == undone


@given(st.text(st.characters(exclude_categories=["Cs"]).filter(lambda letter: letter != "\x00")))
def test_entities_undo_what_escaping_does(text: str) -> None:
    assert undo_entities(html.escape(text)).text == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_json_escapes_undo_what_escaping_does(text: str) -> None:
    assert undo_json_escapes(json.dumps(text)[1:-1]).text == text
    assert undo_json_escapes(json.dumps(text, ensure_ascii=False)[1:-1]).text == text


def test_html_tags_go_and_lines_stay() -> None:
    assert undo_html_tags('<P>a<FONT face="x">b</FONT><BR>c</P><soap:a/>').text == "ab\nc\n<soap:a/>"


@pytest.mark.parametrize("undo", [undo_entities, undo_json_escapes, undo_html_tags])
@given(text=escaped, base=st.integers(0, 9))
def test_every_character_leads_back_to_what_it_was_made_of(undo: Callable[[str, int], Undone], text: str, base: int) -> None:
    layer = undo(text, base)
    behind = base
    for at in range(len(layer.text)):
        start, end = layer.source_span(at, at + 1)
        assert behind <= start
        assert base <= start < end <= base + len(text)
        assert layer.text[at] in undo(text[start - base : end - base], 0).text
        behind = start
    assert layer.source_span(0, len(layer.text))[1] <= base + len(text)


@pytest.mark.parametrize(
    ("text", "has_prefix"),
    [
        ("svc_1  | <a>\nsvc_1  |  <b/>", True),
        ("svc_1  | <a>\nother_1  |  <b/>", False),
        ("2024-05-01T10:00:00.1234567Z <a>\n2024-05-01T10:00:00.2234567Z <b/>", True),
        ("no prefix <a>\nno prefix <b/>", False),
        ("svc_1  | <a>", False),
    ],
)
def test_prefixes_of_log_drivers(text: str, has_prefix: bool) -> None:
    assert (line_prefix(text, text.index("<")) is not None) is has_prefix

"""Masking on screen: nothing of a secret is shown, everything else stays, places map over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from inspector.gui.fields_view import hidden_value
from inspector.gui.masking import MASK, find_loosely, mask
from inspector.gui.window import MainWindow

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


PASSWORD = "correct-horse-7"
TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.c2lnbmF0dXJlLXNpZ25hdHVyZQ"


def test_no_secret_is_anywhere_on_screen_or_in_a_copy(window: MainWindow, tmp_path: Path, settle: Callable[[MainWindow], None]) -> None:
    log = tmp_path / "secrets.log"
    log.write_text(
        f"2026-01-26 09:21:00,000 [1] ERROR Shop.Gateway - Authorization: Bearer {TOKEN} refused\n"
        f"2026-01-26 09:21:01,000 [1] ERROR Shop.Gateway - refused <w:UsernameToken xmlns:w='urn:x'><w:Username>alice</w:Username>"
        f"<w:Password>{PASSWORD}</w:Password></w:UsernameToken> password={PASSWORD}\n",
        encoding="utf-8",
    )
    window.open_paths([log])
    settle(window)
    signature = TOKEN.rpartition(".")[2]
    for row in range(window.model.rowCount()):
        window.go_to_row(row)
        settle(window)
        texts = [window.model.text(row, column) for column in window.model.columns]
        texts += [each.text() for each in window.findChildren(QLabel)]
        texts += [each.toPlainText() for each in window.findChildren(QPlainTextEdit)]
        fields = window.detail.fields
        texts += [item.text() for line in range(fields.rowCount()) if (item := fields.item(line, 1)) is not None]
        for copy in (window.detail.message.copy_raw, window.detail.raw.copy_raw, window.detail.raw.copy_pretty):
            copy()
            texts.append(QGuiApplication.clipboard().text())
        for form in ("table", "text", "xml", "json", "markdown"):
            window.exporting.copy_as(form)
            settle(window)
            texts.append(QGuiApplication.clipboard().text())
        for text in texts:
            assert PASSWORD not in text
            assert signature not in text


def test_a_field_that_is_named_a_secret_is_masked() -> None:
    assert hidden_value("Password", PASSWORD) == MASK
    assert hidden_value("TargetUserName", "alice") == "alice"

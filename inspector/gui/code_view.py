"""A read-only view of code: line numbers, folding, colours of the visible lines only, find, masked secrets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QTextBlock,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from inspector.gui import masking
from inspector.gui import theme as themes
from inspector.gui.code_edit import CodeEdit, indent_of
from inspector.gui.parts import IconButton, label, restyle_buttons
from inspector.gui.theme import LIGHT, Theme

SHOWN_LIMIT: Final = 2_000_000
"""Characters laid out on screen; copying and saving always give everything."""
_NAME: Final = re.compile(r"<([\w.-]+:)?([\w.-]+)")


class CodeView(QWidget):
    """A code pane: its heading with buttons, the text, find bar and breadcrumb."""

    show_secrets_changed = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self._text = ""
        self._raw = ""
        self._secrets: tuple[tuple[int, int], ...] = ()
        self._masked = masking.mask("", ())
        self._kind = "text"
        self._file_name = "message.txt"
        self.heading = label(name, "title")
        self.note = label("", "muted")
        self.edit = CodeEdit()
        self.edit.setAccessibleName(name)
        self.header = QHBoxLayout()
        self.header.setContentsMargins(12, 2, 8, 2)
        self.header.setSpacing(2)
        self.header.addWidget(self.heading)
        self.header.addSpacing(8)
        self.header.addWidget(self.note, 1)
        self.secrets_button = IconButton("eye", self.tr("Show secrets"), self._toggle_secrets)
        self.secrets_button.setCheckable(True)
        self.find_button = IconButton("search", self.tr("Find in this pane (Ctrl+F)"), self.open_find)
        self.fold_button = IconButton("chevrons-down-up", self.tr("Fold everything, or show everything"), self.toggle_all_folds)
        self.copy_button = IconButton("copy", self.tr("Copy as laid out"), self.copy_pretty)
        self.raw_button = IconButton("scroll-text", self.tr("Copy as the log holds it"), self.copy_raw)
        self.save_button = IconButton("save", self.tr("Save…"), self.save)
        for each in (self.secrets_button, self.find_button, self.fold_button, self.copy_button, self.raw_button, self.save_button):
            self.header.addWidget(each)
        self.breadcrumb = label("", "muted")
        self.breadcrumb.setContentsMargins(12, 2, 12, 4)
        self.breadcrumb.setAccessibleName(self.tr("Place in the document"))
        self.breadcrumb.hide()
        self._build_find_bar()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.header)
        layout.addWidget(self._find_bar)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.breadcrumb)
        self.edit.cursorPositionChanged.connect(self._show_breadcrumb)

    def _build_find_bar(self) -> None:
        self._find_bar = QWidget()
        self.find_box = QLineEdit()
        self.find_box.setAccessibleName(self.tr("Find"))
        self.find_box.setPlaceholderText(self.tr("Find"))
        self.find_box.textChanged.connect(self._find)
        self.find_box.returnPressed.connect(self.find_next)
        self._find_count = label("", "muted")
        find = QHBoxLayout(self._find_bar)
        find.setContentsMargins(12, 2, 8, 4)
        find.addWidget(self.find_box, 1)
        find.addWidget(self._find_count)
        find.addWidget(IconButton("chevron-up", self.tr("Previous find"), lambda: self.find_next(backwards=True)))
        find.addWidget(IconButton("chevron-down", self.tr("Next find"), self.find_next))
        find.addWidget(IconButton("x", self.tr("Close find"), self.close_find))
        self._find_bar.hide()

    @property
    def text(self) -> str:
        """The true text, secrets in clear."""
        return self._text

    @property
    def shown_text(self) -> str:
        """What is on screen."""
        return self.edit.toPlainText()

    def load(
        self,
        text: str,
        kind: str,
        secrets: Sequence[tuple[int, int]] = (),
        raw: str | None = None,
        note: str = "",
        file_name: str = "message.txt",
    ) -> None:
        """Show a text. ``raw``: what *copy as the log holds it* gives, by default the text itself."""
        self._text, self._kind, self._secrets = text, kind, tuple(secrets)
        self._raw = text if raw is None else raw
        self._file_name = file_name
        self.note.setText(note)
        self.note.setToolTip("")
        self.secrets_button.setChecked(False)
        self.secrets_button.setVisible(bool(self._secrets))
        self.fold_button.setVisible(kind != "text")
        self._show_text()

    def clear(self) -> None:
        """Show nothing."""
        self.load("", "text")

    def highlight(self, start: int, end: int) -> None:
        """Mark characters of the true text as evidence and bring them into view."""
        first, last = self._masked.shown(start), self._masked.shown(end)
        self.edit.evidence = (first, max(last, first + 1))
        self._reveal(first)

    def restyle(self, theme: Theme, points: int) -> None:
        """Use other colours and text size."""
        self.theme = theme
        self.edit.theme = theme
        self.edit.setFont(themes.code_font(points))
        restyle_buttons(self, theme)
        self.edit.colour()
        self.edit.gutter.update()

    def open_find(self) -> None:
        """Open the find bar with the selected word."""
        self._find_bar.show()
        chosen = self.edit.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:
            self.find_box.setText(chosen)
        self.find_box.setFocus()
        self.find_box.selectAll()

    def close_find(self) -> None:
        """Close the find bar."""
        self._find_bar.hide()
        self.find_box.clear()
        self.edit.setFocus()

    def find_next(self, backwards: bool = False) -> None:
        """Go to the next (previous) place found, round at the end."""
        found = self.edit.found
        if not found:
            return
        current = self.edit.current_find
        number = found.index(current) if current in found else (0 if backwards else -1)
        number = (number - 1 if backwards else number + 1) % len(found)
        self.edit.current_find = found[number]
        self._find_count.setText(f"{number + 1} / {len(found)}")
        self._reveal(found[number][0])

    def toggle_all_folds(self) -> None:
        """Fold the second level of the document away, or show everything again."""
        document = self.edit.document()
        folded = False
        block = document.begin()
        while block.isValid():
            folded = folded or not block.isVisible()
            block = block.next()
        if folded:
            block = document.begin()
            while block.isValid():
                block.setVisible(True)
                block = block.next()
            document.markContentsDirty(0, document.characterCount())
        else:
            block = document.begin().next()
            while block.isValid():
                if block.isVisible() and self.edit.fold_end(block) > 0 and indent_of(block.text()) > 0:
                    self.edit.toggle_fold(block)
                block = block.next()
        self.edit.viewport().update()
        self.edit.gutter.update()
        self.edit.colour()

    def copy_pretty(self) -> None:
        """Copy the text as shown: secrets stay masked unless they are shown."""
        QGuiApplication.clipboard().setText(self._masked.text if not self.secrets_button.isChecked() else self._text)

    def copy_raw(self) -> None:
        """Copy the text as the log holds it; secrets stay masked unless they are shown."""
        QGuiApplication.clipboard().setText(self._raw if self.secrets_button.isChecked() else masking.hide(self._raw))

    def save(self) -> None:
        """Save the text as shown to a file that the person chooses."""
        path, _filter = QFileDialog.getSaveFileName(self, self.tr("Save"), self._file_name)
        if path:
            from pathlib import Path

            Path(path).write_text(self._masked.text if not self.secrets_button.isChecked() else self._text, encoding="utf-8")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Find):
            self.open_find()
        elif event.key() == Qt.Key.Key_Escape and self._find_bar.isVisible():
            self.close_find()
        else:
            super().keyPressEvent(event)

    def _show_text(self) -> None:
        shown = self.secrets_button.isChecked()
        self._masked = masking.mask(self._text, () if shown else self._secrets)
        text = self._masked.text
        if len(text) > SHOWN_LIMIT:
            text = text[:SHOWN_LIMIT] + "\n" + self.tr("… the rest is left out here; Copy and Save give all of it")
        self.edit.load(text, self._kind)
        if self.find_box.text():
            self._find()
        self._show_breadcrumb()

    def _toggle_secrets(self) -> None:
        shown = self.secrets_button.isChecked()
        self.secrets_button.set_icon("eye-off" if shown else "eye", self.theme)
        top = self.edit.verticalScrollBar().value()
        self._show_text()
        self.edit.verticalScrollBar().setValue(top)
        self.show_secrets_changed.emit(shown)

    def _find(self) -> None:
        wanted = self.find_box.text().lower()
        text = self.edit.toPlainText().lower()
        found: list[tuple[int, int]] = []
        place = text.find(wanted) if wanted else -1
        while place >= 0 and len(found) < 10_000:
            found.append((place, place + len(wanted)))
            place = text.find(wanted, place + len(wanted))
        self.edit.found = found
        self.edit.current_find = None
        self._find_count.setText(self.tr("none") if wanted and not found else "")
        if found:
            self.find_next()
        else:
            self.edit.colour()

    def _reveal(self, position: int) -> None:
        self.edit.unfold_to(position)
        cursor = self.edit.textCursor()
        cursor.setPosition(min(position, self.edit.document().characterCount() - 1))
        self.edit.setTextCursor(cursor)
        self.edit.centerCursor()
        self.edit.colour()

    def _show_breadcrumb(self) -> None:
        if self._kind not in {"soap", "xml", "saml"}:
            self.breadcrumb.hide()
            return
        self.breadcrumb.setText(path_at(self.edit.textCursor().block()))
        self.breadcrumb.setVisible(bool(self._text))


def path_at(block: QTextBlock) -> str:
    """Path of the element on a line of laid-out XML, and the namespace of its prefix: ``Envelope › Header › Action  ·  http://…``."""
    names: list[str] = []
    ancestors: list[str] = []
    limit = None
    each = block
    steps = 0
    while each.isValid() and steps < 20_000:
        text = each.text()
        indent = indent_of(text)
        found = _NAME.match(text.strip())
        if found and (limit is None or indent < limit):
            names.append(found.group(2))
            ancestors.append(text)
            limit = indent
            if indent == 0:
                break
        elif limit is None and text.strip():
            limit = indent if text.strip().startswith("</") is False else indent + 1
        each = each.previous()
        steps += 1
    if not names:
        following = block.next()
        return path_at(following) if following.isValid() and block.blockNumber() < 5 else ""
    own = _NAME.match(ancestors[0].strip())
    prefix = (own.group(1) or "").rstrip(":") if own else ""
    declaration = re.compile(rf'xmlns{":" + re.escape(prefix) if prefix else ""}="([^"]*)"')
    namespace = next((found.group(1) for text in ancestors if (found := declaration.search(text[:4000]))), "")
    path = " › ".join(reversed(names))
    return f"{path}  ·  {namespace}" if namespace else path

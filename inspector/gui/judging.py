"""Opens the sheet of keys and rules, and shows in it what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from inspector.gui.theme import Theme

if TYPE_CHECKING:
    from inspector.casefile import Supplied
    from inspector.gui.keys_sheet import KeysSheet
    from inspector.gui.window import MainWindow
    from inspector.tokens.base import Token


class Judging(QObject):
    """What the person supplies is used at once, on the event shown and on the whole log."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.refused: tuple[tuple[Supplied, str], ...] = ()
        self.sheet: KeysSheet | None = None

    def open(self) -> None:
        """Open the sheet beside the window."""
        from inspector.gui.keys_sheet import KeysSheet

        if self.sheet is None:
            self.sheet = KeysSheet(self._window.theme, self._window.settings.last_folder, self._window)
            self.sheet.changed.connect(self._window.case.supply)
        self.sheet.show_supplied(self._window.case.supplied)
        self.sheet.show_refused(self.refused)
        shown = self._window.detail.detail
        self.show_checks(shown.contents.tokens if shown is not None else ())
        self.sheet.show()
        self.sheet.raise_()
        self.sheet.activateWindow()

    def show_refused(self, refused: Sequence[tuple[Supplied, str]]) -> None:
        """Something else is used now; say what of it cannot be."""
        self.refused = tuple(refused)
        if self.sheet is not None:
            self.sheet.show_refused(refused)
        if refused:
            self._window.say(refused[0][1])
        row = self._window.table.current_row()
        if row >= 0:
            self._window.engine.inspect(row)

    def show_checks(self, tokens: Sequence[Token]) -> None:
        """Say in the sheet how the checks of the event shown turned out."""
        if self.sheet is not None:
            self.sheet.show_checks(tokens)

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        if self.sheet is not None:
            self.sheet.restyle(theme)

"""The menu bar: every command with its keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from inspector.gui.language import LANGUAGES
from inspector.gui.parts import bound

if TYPE_CHECKING:
    from inspector.gui.window import MainWindow


class Menus(QObject):
    """Builds the menus; holds the actions whose state the window changes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._build_menus()

    def _build_menus(self) -> None:
        bar = self._window.menuBar()
        file = bar.addMenu(self.tr("&File"))
        self.open_action = self._action(
            file, self.tr("&Open files…"), self._window.opening.open_files, "folder-open", QKeySequence.StandardKey.Open
        )
        self._action(file, self.tr("Open &instead…"), self._window.opening.open_instead, "", "Ctrl+Alt+O")
        self._action(file, self.tr("Open fo&lder…"), self._window.opening.open_folder, "files", "Ctrl+Shift+O")
        self._action(file, self.tr("&Paste log text"), self._window.opening.paste, "clipboard-paste", QKeySequence.StandardKey.Paste)
        self._action(file, self.tr("Open the &sample"), self._window.opening.open_sample, "flask-conical")
        self.recent_menu = file.addMenu(self.tr("&Recent"))
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        file.addSeparator()
        self.reload_action = self._action(
            file, self.tr("Rea&d again"), self._window.opening.reload, "refresh-cw", QKeySequence.StandardKey.Refresh
        )
        self.follow_action = self._action(
            file, self.tr("&Follow growing logs"), self._window.opening.toggle_follow, "activity", "Ctrl+Shift+F"
        )
        self.follow_action.setCheckable(True)
        file.addSeparator()
        self._action(file, self.tr("Ne&w case"), self._window.case.new, "x", QKeySequence.StandardKey.New)
        self._action(file, self.tr("Open &case…"), self._window.case.ask_to_open, "folder-open", "Ctrl+Shift+C")
        self.save_case_action = self._action(file, self.tr("Sa&ve case"), self._window.case.save, "save", QKeySequence.StandardKey.Save)
        self.save_case_as_action = self._action(file, self.tr("Save case &as…"), self._window.case.save_as, "", "Ctrl+Alt+S")
        file.addSeparator()
        self._action(file, self.tr("&Keys and rules…"), self._window.judging.open, "shield-check", "Ctrl+K")
        self.export_action = self._action(file, self.tr("&Export report…"), self._window.exporting.export_report, "file-output", "Ctrl+E")
        self.save_rows_action = self._action(file, self.tr("Save s&hown rows…"), self._window.exporting.save_rows, "save", "Ctrl+Shift+S")
        file.addSeparator()
        self._action(file, self.tr("&Quit"), self._window.close, "", QKeySequence.StandardKey.Quit)
        edit = bar.addMenu(self.tr("&Edit"))
        self._action(
            edit, self.tr("&Copy rows"), self._window.exporting.copy_rows, "copy", QKeySequence.StandardKey.Copy, widget=self._window.table
        )
        self._action(edit, self.tr("&Filter"), self._window.focus_filter, "funnel", "Ctrl+L")
        self._action(edit, self.tr("&Previous filter"), self._window.filter_bar.go_back, "arrow-left", "Alt+Left")
        self._action(edit, self.tr("&Next filter"), self._window.filter_bar.go_forward, "arrow-right", "Alt+Right")
        self._action(edit, self.tr("C&lear filter"), lambda: self._window.filter_bar.set_text(""), "x", "Escape", widget=self._window.table)
        self._action(edit, self.tr("&Save this filter…"), self._window.save_filter, "star", "Ctrl+D")
        edit.addSeparator()
        self._action(edit, self.tr("&Bookmark"), self._window.toggle_bookmark, "bookmark", "Ctrl+B")
        self._action(edit, self.tr("N&ote…"), self._window.edit_note, "sticky-note", "N", widget=self._window.table)
        self._build_go_menu(bar.addMenu(self.tr("&Go")))
        self._build_view_menu(bar.addMenu(self.tr("&View")))
        help_menu = bar.addMenu(self.tr("&Help"))
        self._action(
            help_menu,
            self.tr("&Keyboard shortcuts"),
            self._window.show_shortcuts,
            "circle-question-mark",
            QKeySequence.StandardKey.HelpContents,
        )

    def _build_go_menu(self, go: QMenu) -> None:
        self._action(
            go, self.tr("Next &error"), lambda: self._window.navigation.go_to_error(False), "arrow-right", "E", widget=self._window.table
        )
        self._action(
            go,
            self.tr("Previous e&rror"),
            lambda: self._window.navigation.go_to_error(True),
            "arrow-left",
            "Shift+E",
            widget=self._window.table,
        )
        self._action(go, self.tr("Next &match in the pane"), self._window.detail.message.find_next, "", "F3")
        self._action(
            go, self.tr("Previous m&atch in the pane"), lambda: self._window.detail.message.find_next(backwards=True), "", "Shift+F3"
        )
        self._action(go, self.tr("To &time…"), self._window.navigation.go_to_time, "calendar-clock", "Ctrl+G")
        self._action(
            go, self.tr("Next &bookmark"), lambda: self._window.navigation.go_to_bookmark(False), "bookmark", "]", widget=self._window.table
        )
        self._action(
            go,
            self.tr("Previous b&ookmark"),
            lambda: self._window.navigation.go_to_bookmark(True),
            "bookmark",
            "[",
            widget=self._window.table,
        )
        go.addSeparator()
        for number, name in enumerate((self.tr("Message"), self.tr("Diagnosis"), self.tr("Tokens"), self.tr("Fields"), self.tr("Raw"))):
            self._action(go, name, bound(self._window.go_to_tab, number), "", f"Ctrl+{number + 1}")
        self._action(go, self.tr("E&vent table"), self._window.table.setFocus, "", "Ctrl+6")

    def _build_view_menu(self, view: QMenu) -> None:
        self.side_action = self._action(view, self.tr("&Side bar"), self._window.toggle_side_bar, "panel-left", "Ctrl+\\")
        self.side_action.setCheckable(True)
        self.side_action.setChecked(self._window.settings.side_bar)
        self.overview_action = self._action(view, self.tr("&Overview"), self._window.toggle_overview, "activity", "Ctrl+Shift+H")
        self.overview_action.setCheckable(True)
        self.overview_action.setChecked(self._window.settings.overview)
        self._action(view, self.tr("&Detail at the right or bottom"), self._window.toggle_detail_place, "panel-right", "Ctrl+Shift+D")
        self.columns_menu = view.addMenu(self.tr("&Columns"))
        self.columns_menu.aboutToShow.connect(lambda: self._window.arrangement.fill_columns(self.columns_menu))
        view.addSeparator()
        colours = view.addMenu(self.tr("Co&lours"))
        group = QActionGroup(self._window)
        for text, value in ((self.tr("As the &system"), "system"), (self.tr("&Light"), "light"), (self.tr("&Dark"), "dark")):
            action = QAction(text, self._window)
            action.setCheckable(True)
            action.setChecked(self._window.settings.scheme == value)
            action.triggered.connect(bound(self._window.set_scheme, value))
            group.addAction(action)
            colours.addAction(action)
        languages = view.addMenu(self.tr("Lan&guage"))
        for code, name in LANGUAGES.items():
            action = QAction(name, self._window)
            action.triggered.connect(bound(self._window.language_asked.emit, code))
            languages.addAction(action)
        self._action(view, self.tr("Larger te&xt"), lambda: self._window.change_text_size(1), "zoom-in", QKeySequence.StandardKey.ZoomIn)
        self._action(
            view, self.tr("S&maller text"), lambda: self._window.change_text_size(-1), "zoom-out", QKeySequence.StandardKey.ZoomOut
        )
        self._action(view, self.tr("&Usual text size"), lambda: self._window.change_text_size(0), "", "Ctrl+0")

    def _action(
        self,
        menu: QMenu,
        text: str,
        triggered: Callable[[], object],
        icon: str = "",
        shortcut: QKeySequence.StandardKey | str = "",
        widget: QWidget | None = None,
    ) -> QAction:
        action = QAction(text, self._window)
        action.setProperty("icon", icon)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _checked=False: triggered())
        menu.addAction(action)
        if widget is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            widget.addAction(action)
        return action

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self._window.settings.recent:
            self.recent_menu.addAction(path.replace("&", "&&"), bound(self._window.opening.open_paths, [Path(path)]))
        self.recent_menu.setEnabled(True)

    def fill_saved_filters(self) -> None:
        menu = self._window.filter_bar.saved_menu
        menu.clear()
        menu.addAction(self.tr("Save this filter…"), self._window.save_filter)
        colours = menu.addMenu(self.tr("Highlight what this filter matches"))
        colours.setEnabled(bool(self._window.filter_bar.text.strip()))
        for colour, title in self._window.row_menu.highlight_names().items():
            colours.addAction(title, bound(self._window.row_menu.add_highlight_rule, self._window.filter_bar.text, colour))
        if self._window.case.highlight_rules:
            menu.addAction(self.tr("Forget every highlight rule"), self._window.row_menu.forget_highlight_rules)
        if self._window.case.saved_filters:
            menu.addSeparator()
        for name, text in self._window.case.saved_filters.items():
            menu.addAction(name.replace("&", "&&"), bound(self._window.filter_bar.set_text, text))
        if self._window.case.saved_filters:
            forget = menu.addMenu(self.tr("Forget"))
            for name in self._window.case.saved_filters:
                forget.addAction(name.replace("&", "&&"), bound(self._forget_filter, name))

    def _forget_filter(self, name: str) -> None:
        self._window.case.saved_filters.pop(name, None)
        self._window.case.touch_if_open()

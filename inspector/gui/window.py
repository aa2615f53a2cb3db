"""The main window: puts the parts together and lets them talk to the engine and to each other."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QByteArray, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMainWindow,
    QMenu,
    QProgressBar,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inspector.events import Level, Zone, ZoneBasis
from inspector.gui import filter_text, icons
from inspector.gui import settings as remembered
from inspector.gui import theme as themes
from inspector.gui.clock_face import ClockFace, ZoneChoice
from inspector.gui.detail_pane import DetailPane
from inspector.gui.engine import Engine, percent
from inspector.gui.event_table import GIVEN_UP, HIDDEN_AT_FIRST, SHOWN, EventTable, EventTableModel, column_title
from inspector.gui.filter_bar import FilterBar, count_label
from inspector.gui.language import LANGUAGES
from inspector.gui.marks import HIGHLIGHTS, Highlight, Marks, Rule
from inspector.gui.overview import BINS, Overview
from inspector.gui.parts import IconButton, bound, label, restyle_buttons, rule
from inspector.gui.side_bar import SideBar, offset_text
from inspector.gui.start_page import StartPage
from inspector.gui.theme import SchemeChoice, Theme
from inspector.resources import resource_path

if TYPE_CHECKING:
    from inspector.diagnosis.base import Diagnosis, Evidence, Finding
    from inspector.events import Source
    from inspector.job import Job, Progress
    from inspector.session import Detail, Histogram, Rows, Session

FIVE_MINUTES: Final = timedelta(minutes=5)
NOTICE_TIME: Final = 8000
FOLLOW_PAUSE: Final = 2000
"""Milliseconds between two looks at a log that is followed."""
FOLLOWED: Final = 64 << 20
"""Bytes up to which a growing log is read again as a whole."""
COPY_LIMIT: Final = 100_000
"""Rows that one copy puts on the clipboard; more belongs into an export."""


class MainWindow(QMainWindow):
    """The main window. ``settings_path``: where it remembers its layout; None remembers nothing."""

    language_asked = Signal(str)
    """The person wants another language; whoever made the window makes it anew in it."""

    def __init__(self, engine: Engine, settings_path: Path | None = None) -> None:
        super().__init__()
        self.engine = engine
        self._settings_path = settings_path
        self.settings = remembered.load(settings_path) if settings_path is not None else remembered.Settings()
        self.theme: Theme = themes.LIGHT
        self.clock = ClockFace(_zone_choice(self.settings.zone))
        self.marks = Marks(self)
        self._diagnosis: Diagnosis | None = None
        self._follow_row: int | None = None
        self._first_rows = True
        self._untouched_row = -1
        self._fit_pending = False
        self._stay_at_end = False
        self._anchor_row = -1
        """The event that the person chose last, to come back to when a filter shows it again."""
        self.setWindowTitle(self.tr("Token Log Inspector"))
        self.setAcceptDrops(True)
        self._build_parts()
        self._build_menus()
        self._connect()
        self.apply_scheme()
        self.resize(1280, 800)
        self._restore_layout()
        self._show_start_page()

    # ---- construction ----

    def _build_parts(self) -> None:
        self.start_page = StartPage()
        self.filter_bar = FilterBar()
        self.overview = Overview()
        self.model = EventTableModel(self.engine, self)
        self.model.clock = self.clock
        self.table = EventTable(self.model)
        self.table.delegate.marks = self.marks
        self.nothing = label(self.tr("No event matches the filter."), "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.detail = DetailPane()
        self.side_bar = SideBar()
        self.rows_area = QStackedWidget()
        self.rows_area.addWidget(self.table)
        self.rows_area.addWidget(self.nothing)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.overview)
        column.addWidget(rule())
        column.addWidget(self.rows_area, 1)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(upper)
        self.split.addWidget(self.detail)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 2)
        self.main_split = QSplitter(Qt.Orientation.Horizontal)
        self.main_split.setChildrenCollapsible(False)
        self.main_split.addWidget(self.side_bar)
        self.main_split.addWidget(self.split)
        self.main_split.setStretchFactor(1, 1)
        self.side_bar.setMinimumWidth(200)
        work = QWidget()
        layout = QVBoxLayout(work)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter_bar)
        layout.addWidget(rule())
        layout.addWidget(self.main_split, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(work)
        self.setCentralWidget(self.pages)
        self._build_status_bar()

    def _build_status_bar(self) -> None:
        self.status = label("", "muted")
        self.status.setAccessibleName(self.tr("Status"))
        self.notice = label("", "muted")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(160)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.cancel_button = IconButton("circle-stop", self.tr("Cancel reading"), self.engine.cancel_reading)
        self.zone_box = QComboBox()
        self.zone_box.setAccessibleName(self.tr("Time zone shown"))
        for text, value in (
            (self.tr("Times in UTC"), "utc"),
            (self.tr("Times of this machine"), "machine"),
            (self.tr("Times as logged"), "logged"),
        ):
            self.zone_box.addItem(text, value)
        self.zone_box.setCurrentIndex(self.zone_box.findData(self.clock.choice))
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(8)
        row.addWidget(self.progress)
        row.addWidget(self.cancel_button)
        row.addWidget(self.notice, 1)
        row.addWidget(self.status)
        row.addWidget(self.zone_box)
        bar.addWidget(holder, 1)
        self.progress.hide()
        self.cancel_button.hide()
        self._growth_watch = QTimer(self, interval=FOLLOW_PAUSE)
        self._growth_watch.timeout.connect(self.look_for_growth)
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_TIME)
        self._notice_timer.timeout.connect(lambda: self.notice.setText(""))

    def _build_menus(self) -> None:
        bar = self.menuBar()
        file = bar.addMenu(self.tr("&File"))
        self.open_action = self._action(file, self.tr("&Open files…"), self.open_files, "folder-open", QKeySequence.StandardKey.Open)
        self._action(file, self.tr("Open f&older…"), self.open_folder, "files", "Ctrl+Shift+O")
        self._action(file, self.tr("&Paste log text"), self.paste, "clipboard-paste", QKeySequence.StandardKey.Paste)
        self._action(file, self.tr("Open the &sample"), self.open_sample, "flask-conical")
        self.recent_menu = file.addMenu(self.tr("&Recent"))
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        file.addSeparator()
        self.reload_action = self._action(file, self.tr("Rea&d again"), self.reload, "refresh-cw", QKeySequence.StandardKey.Refresh)
        self.follow_action = self._action(file, self.tr("&Follow growing logs"), self._toggle_follow, "activity", "Ctrl+Shift+F")
        self.follow_action.setCheckable(True)
        self._action(file, self.tr("&Close all sources"), self.close_all, "x", "Ctrl+Shift+W")
        file.addSeparator()
        self.export_action = self._action(file, self.tr("&Export report…"), self.export_report, "file-output", "Ctrl+E")
        self.save_rows_action = self._action(file, self.tr("Save shown &rows…"), self.save_rows, "save", "Ctrl+Shift+S")
        file.addSeparator()
        self._action(file, self.tr("&Quit"), self.close, "", QKeySequence.StandardKey.Quit)
        edit = bar.addMenu(self.tr("&Edit"))
        self._action(edit, self.tr("&Copy rows"), self.copy_rows, "copy", QKeySequence.StandardKey.Copy, widget=self.table)
        self._action(edit, self.tr("&Filter"), self.focus_filter, "funnel", "Ctrl+L")
        self._action(edit, self.tr("&Previous filter"), self.filter_bar.go_back, "arrow-left", "Alt+Left")
        self._action(edit, self.tr("&Next filter"), self.filter_bar.go_forward, "arrow-right", "Alt+Right")
        self._action(edit, self.tr("C&lear filter"), lambda: self.filter_bar.set_text(""), "x", "Escape", widget=self.table)
        self._action(edit, self.tr("&Save this filter…"), self.save_filter, "star", "Ctrl+D")
        edit.addSeparator()
        self._action(edit, self.tr("&Bookmark"), self.toggle_bookmark, "bookmark", "Ctrl+B")
        self._action(edit, self.tr("&Note…"), self.edit_note, "sticky-note", "N", widget=self.table)
        self._build_go_menu(bar.addMenu(self.tr("&Go")))
        self._build_view_menu(bar.addMenu(self.tr("&View")))
        help_menu = bar.addMenu(self.tr("&Help"))
        self._action(
            help_menu, self.tr("&Keyboard shortcuts"), self.show_shortcuts, "circle-question-mark", QKeySequence.StandardKey.HelpContents
        )

    def _build_go_menu(self, go: QMenu) -> None:
        self._action(go, self.tr("Next &error"), lambda: self.go_to_error(False), "arrow-right", "E", widget=self.table)
        self._action(go, self.tr("Previous e&rror"), lambda: self.go_to_error(True), "arrow-left", "Shift+E", widget=self.table)
        self._action(go, self.tr("Next &match in the pane"), self.detail.message.find_next, "", "F3")
        self._action(go, self.tr("Previous m&atch in the pane"), lambda: self.detail.message.find_next(backwards=True), "", "Shift+F3")
        self._action(go, self.tr("To &time…"), self.go_to_time, "calendar-clock", "Ctrl+G")
        self._action(go, self.tr("Next &bookmark"), lambda: self.go_to_bookmark(False), "bookmark", "]", widget=self.table)
        self._action(go, self.tr("Previous b&ookmark"), lambda: self.go_to_bookmark(True), "bookmark", "[", widget=self.table)
        go.addSeparator()
        for number, name in enumerate((self.tr("Message"), self.tr("Diagnosis"), self.tr("Tokens"), self.tr("Fields"), self.tr("Raw"))):
            self._action(go, name, bound(self._go_to_tab, number), "", f"Ctrl+{number + 1}")
        self._action(go, self.tr("Event ta&ble"), self.table.setFocus, "", "Ctrl+6")

    def _build_view_menu(self, view: QMenu) -> None:
        self.side_action = self._action(view, self.tr("&Side bar"), self._toggle_side_bar, "panel-left", "Ctrl+\\")
        self.side_action.setCheckable(True)
        self.side_action.setChecked(self.settings.side_bar)
        self.overview_action = self._action(view, self.tr("&Overview"), self._toggle_overview, "activity", "Ctrl+Shift+H")
        self.overview_action.setCheckable(True)
        self.overview_action.setChecked(self.settings.overview)
        self._action(view, self.tr("&Detail at the right or bottom"), self.toggle_detail_place, "panel-right", "Ctrl+Shift+D")
        self.columns_menu = view.addMenu(self.tr("&Columns"))
        self.columns_menu.aboutToShow.connect(lambda: self._fill_columns(self.columns_menu))
        view.addSeparator()
        colours = view.addMenu(self.tr("Co&lours"))
        group = QActionGroup(self)
        for text, value in ((self.tr("As the &system"), "system"), (self.tr("&Light"), "light"), (self.tr("&Dark"), "dark")):
            action = QAction(text, self)
            action.setCheckable(True)
            action.setChecked(self.settings.scheme == value)
            action.triggered.connect(bound(self.set_scheme, value))
            group.addAction(action)
            colours.addAction(action)
        languages = view.addMenu(self.tr("Lan&guage"))
        for code, name in LANGUAGES.items():
            action = QAction(name, self)
            action.triggered.connect(bound(self.language_asked.emit, code))
            languages.addAction(action)
        self._action(view, self.tr("&Larger text"), lambda: self.change_text_size(1), "zoom-in", QKeySequence.StandardKey.ZoomIn)
        self._action(view, self.tr("S&maller text"), lambda: self.change_text_size(-1), "zoom-out", QKeySequence.StandardKey.ZoomOut)
        self._action(view, self.tr("&Usual text size"), lambda: self.change_text_size(0), "", "Ctrl+0")

    def _action(
        self,
        menu: QMenu,
        text: str,
        triggered: Callable[[], object],
        icon: str = "",
        shortcut: QKeySequence.StandardKey | str = "",
        widget: QWidget | None = None,
    ) -> QAction:
        action = QAction(text, self)
        action.setProperty("icon", icon)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _checked=False: triggered())
        menu.addAction(action)
        if widget is not None:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            widget.addAction(action)
        return action

    def _connect(self) -> None:
        engine = self.engine
        engine.ready.connect(self._ready)
        engine.reading_changed.connect(self._reading_changed)
        engine.progressed.connect(self._show_progress)
        engine.opened.connect(self._opened)
        engine.grew.connect(self._grew)
        engine.selected.connect(self._show_rows)
        engine.mistake.connect(self.filter_bar.show_mistake)
        engine.inspected.connect(self._show_detail)
        engine.histogram.connect(self._show_histogram)
        engine.facets.connect(self._show_facets)
        engine.diagnosed.connect(self._show_diagnosis)
        engine.judging_changed.connect(self._judging_changed)
        engine.failed.connect(self._show_failure)
        page = self.start_page
        page.open_files_asked.connect(self.open_files)
        page.open_folder_asked.connect(self.open_folder)
        page.paste_asked.connect(self.paste)
        page.sample_asked.connect(self.open_sample)
        page.last_asked.connect(self.open_last)
        page.recent_asked.connect(lambda path: self.open_paths([Path(path)]))
        self.filter_bar.filter_changed.connect(lambda _text: self._search())
        self.filter_bar.box.returnPressed.connect(self._to_table)
        self.filter_bar.saved_menu.aboutToShow.connect(self._fill_saved_filters)
        self.table.current_row_changed.connect(self._row_chosen)
        self.table.selection_size_changed.connect(lambda _count: self._show_status())
        self.table.width_changed.connect(self._fit_columns)
        self.table.sort_changed.connect(lambda _column, _descending: self._search(at_once=True))
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._open_row_menu)
        header = self.table.horizontalHeader()
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._open_header_menu)
        self.overview.range_chosen.connect(
            lambda start, end: self.filter_bar.set_text(filter_text.time_range(self.filter_bar.text, start, end))
        )
        self.overview.reset_asked.connect(lambda: self.filter_bar.set_text(filter_text.without_field(self.filter_bar.text, "time")))
        self.detail.evidence_chosen.connect(self.show_evidence)
        self.detail.rows_asked.connect(self.show_finding_rows)
        self.detail.finding_asked.connect(self._mark_finding)
        self.detail.term_asked.connect(self.filter_bar.add_term)
        self.detail.place_toggled.connect(self.toggle_detail_place)
        side = self.side_bar
        side.findings.finding_chosen.connect(self.show_finding)
        side.findings.export_asked.connect(self.export_report)
        side.facets.value_chosen.connect(lambda column, value, exclude: self.filter_bar.add_term(self._facet_term(column, value, exclude)))
        side.sources.remove_asked.connect(lambda number: self._change_sources(lambda: self.engine.remove([number])))
        side.sources.reload_asked.connect(lambda number: self.reload([number]))
        side.sources.only_asked.connect(lambda name: self.filter_bar.add_term(filter_text.column_term("source", name)))
        side.sources.zone_asked.connect(self._set_zone)
        self.zone_box.currentIndexChanged.connect(lambda _index: self.set_zone_choice(self.zone_box.currentData()))
        self.marks.changed.connect(self._marks_changed)

    # ---- opening ----

    def open_paths(self, paths: Sequence[Path], replace: bool = False) -> None:
        """Open files, folders and archives beside what is open."""
        if not paths:
            return
        self.start_page.show_trouble("")
        for path in paths:
            self.settings.add_recent(str(path.absolute()))
        self.settings.last_folder = str(paths[0].absolute().parent)
        self._prepare_reading()
        self.engine.open([path.absolute() for path in paths], replace)

    def open_files(self) -> None:
        """Ask for files and open them."""
        paths, _filter = QFileDialog.getOpenFileNames(self, self.tr("Open files"), self.settings.last_folder)
        self.open_paths([Path(each) for each in paths])

    def open_folder(self) -> None:
        """Ask for a folder and open every log in it."""
        path = QFileDialog.getExistingDirectory(self, self.tr("Open folder"), self.settings.last_folder)
        if path:
            self.open_paths([Path(path)])

    def open_last(self) -> None:
        """Open what was open at the last end, with the filter of then."""
        paths = [Path(each) for each in self.settings.open_sources if Path(each).exists()]
        self.filter_bar.set_text(self.settings.last_filter)
        self.open_paths(paths)

    def open_sample(self) -> None:
        """Open the bundled sample log."""
        self._prepare_reading()
        self.engine.open([resource_path("samples/session-manager.txt")])

    def paste(self) -> None:
        """Open the text on the clipboard as a source; files copied in a file manager are opened as files."""
        data = QGuiApplication.clipboard().mimeData()
        if data.hasUrls() and (paths := [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]):
            self.open_paths(paths)
        elif data.text().strip():
            self._prepare_reading()
            self.engine.paste(data.text())
        else:
            self.say(self.tr("There is no text on the clipboard."))

    def reload(self, numbers: Sequence[int] | None = None) -> None:
        """Read sources again from their files."""
        if not self.engine.is_ready:
            return
        chosen = [each for each in self.engine.session.sources if numbers is None or each.id in numbers]
        paths = [each.path for each in chosen if each.path.exists() and "!" not in each.name and not each.name.startswith("pasted")]
        if not paths:
            self.say(self.tr("Nothing here can be read again from a file."))
            return
        gone = set(paths)
        self._change_sources(lambda: self.engine.remove([each.id for each in chosen if each.path in gone]))
        self.engine.open(paths)

    def look_for_growth(self) -> None:
        """Read again what has grown since it was read, when the file at the end of the table is the one that grew."""
        if not self.engine.is_ready or self.engine.is_reading or not self.engine.session.sources:
            return
        source = self.engine.session.sources[-1]
        try:
            size = source.path.stat().st_size
        except OSError:
            return
        if size <= source.size or not _is_file_of_its_own(source):
            return
        if size > FOLLOWED:
            self.follow_action.setChecked(False)
            self._toggle_follow()
            self.say(self.tr("%s is too large to be followed; read it again with F5.") % source.path.name)
            return
        bar = self.table.verticalScrollBar()
        self._stay_at_end = bar.value() == bar.maximum()
        # The rows before keep their numbers, so marks and selection stay.
        self._follow_row = self._anchor_row if self._anchor_row >= 0 else None
        self.engine.remove([source.id])
        self.engine.open([source.path])

    def _toggle_follow(self) -> None:
        if self.follow_action.isChecked():
            self._growth_watch.start()
        else:
            self._growth_watch.stop()

    def close_all(self) -> None:
        """Close every source and show the start page."""
        if self.engine.is_ready and self.engine.session.sources:
            self._change_sources(lambda: self.engine.remove([each.id for each in self.engine.session.sources]))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        data = event.mimeData()
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
        elif data.text().strip():
            self._prepare_reading()
            self.engine.paste(data.text())
        event.acceptProposedAction()

    def _prepare_reading(self) -> None:
        self._first_rows = not len(self.model.rows)
        self.progress.setRange(0, 0)
        self.progress.show()
        self.notice.setText(self.tr("Reading…") if self.engine.is_ready else self.tr("Starting…"))

    def _change_sources(self, change: Callable[[], None]) -> None:
        self.marks.clear()
        self._anchor_row = -1
        self.table.clearSelection()
        self.detail.show_nothing()
        self._first_rows = True
        change()

    def _show_start_page(self) -> None:
        self.pages.setCurrentIndex(0)
        self.start_page.show_last([each for each in self.settings.open_sources if Path(each).exists()])
        self.start_page.show_recent([each for each in self.settings.recent if Path(each).exists()])
        self._enable_actions()

    def _enable_actions(self) -> None:
        something = self.pages.currentIndex() == 1
        for action in (self.export_action, self.save_rows_action, self.reload_action):
            action.setEnabled(something)

    def _reading_changed(self, reading: bool) -> None:
        self.progress.setVisible(reading)
        self.cancel_button.setVisible(reading)
        if reading:
            self.progress.setRange(0, 0)
        else:
            self.notice.setText("")

    def _show_progress(self, progress: Progress) -> None:
        share = percent(progress)
        self.progress.setRange(0, 0 if share < 0 else 100)
        self.progress.setValue(max(0, share))
        self.notice.setText(progress.text)
        self._notice_timer.stop()

    def _grew(self, _count: int) -> None:
        if self.pages.currentIndex() == 0:
            self._show_work()

    def _show_work(self) -> None:
        self.pages.setCurrentIndex(1)
        self._enable_actions()
        self.table.setFocus()

    def _ready(self) -> None:
        """A session that has logs open already is shown as it is."""
        if len(self.engine.session):
            self._opened(self.engine.session.sources)
            self._search(at_once=True)
            self.engine.diagnose()

    def _opened(self, _sources: Sequence[Source]) -> None:
        session = self.engine.session
        sources = session.sources
        self.model.clock = self.clock = ClockFace(self.clock.choice, {each.name: each.zone.offset for each in sources})
        listed = {each.name for each in sources}
        unopened = [f"{each.source}: {each.reason}" for each in session.problems if each.source not in listed]
        self.side_bar.sources.show_sources(sources, unopened)
        self._show_counts()
        if len(session):
            self._show_work()
            if unopened:
                self.say(unopened[-1] if len(unopened) == 1 else self.tr("%d files could not be read: see Sources.") % len(unopened))
        else:
            self._show_start_page()
            reasons = unopened + [f"{each.name}: {problem.reason}" for each in sources for problem in each.problems]
            reasons += [self.tr("%s: nothing that could be an event was found in it.") % each.name for each in sources if not each.problems]
            self.start_page.show_trouble("\n".join(reasons[:6]))
        self.model.refresh()

    # ---- rows ----

    def _search(self, at_once: bool = False) -> None:
        column, descending = self.table.sort
        self.engine.search(self.filter_bar.text, column, descending, at_once)

    def _show_rows(self, rows: Rows, complete: bool) -> None:
        self.filter_bar.clear_mistake()
        grown = self.engine.is_reading and not self.filter_bar.text and not self.table.sort[0]
        self.model.set_rows(rows, keep_pages=grown)
        self.rows_area.setCurrentIndex(0 if len(rows) or self.engine.is_reading else 1)
        self._show_count()
        if len(rows) and not grown:
            wanted = self._follow_row if self._follow_row is not None else self._anchor_row
            place = self.model.place_of(wanted) if wanted >= 0 else -1
            if complete:
                self._follow_row = None
            if place >= 0:
                self.table.go_to(place)
            elif complete:
                # The event looked at is hidden now; it is selected again as soon as a filter shows it.
                anchor = self._anchor_row
                self.table.go_to(0)
                self._anchor_row = anchor
                if self._first_rows:
                    self._anchor_row = self._untouched_row = self.table.current_row()
                    self._fit_pending = True
        elif not len(rows):
            self.detail.show_nothing()
        if complete and not self.engine.is_reading:
            self._first_rows = False
            if self._stay_at_end:
                self._stay_at_end = False
                self.table.scrollToBottom()
            self.engine.count(rows, BINS)

    def _show_count(self) -> None:
        session = self.engine.session
        damaged = len(session.problems)
        self.filter_bar.count.setText(count_label(len(self.model.rows), len(session), damaged))

    def _row_chosen(self, row: int) -> None:
        if row != self._untouched_row:
            self._untouched_row = -1
        if row >= 0:
            self._anchor_row = row
            self.engine.inspect(row)
        self._show_status()

    def _show_detail(self, detail: Detail) -> None:
        if detail.row != self.table.current_row():
            return
        offset = detail.source.zone.offset
        self.detail.show_detail(detail, offset or None, f"{offset_text(offset)}" if offset else "")
        self.overview.current = detail.time
        self.overview.update()
        self.side_bar.findings.mark(detail.finding.id if detail.finding is not None else "")

    def _show_histogram(self, histogram: Histogram | None) -> None:
        if self._fit_pending:
            self._fit_pending = False
            self._fit_table(with_overview=histogram is not None and _spread(histogram))
        spread = histogram is not None and _spread(histogram)
        self.overview.show_histogram(histogram if self.overview_action.isChecked() and (spread or self.filter_bar.text) else None)

    def _show_facets(self, facets: dict[str, Any]) -> None:
        self.side_bar.facets.show_facets(facets)
        for column, values in facets.items():
            field = filter_text.FIELD_OF_COLUMN.get(column)
            if field and field != "level":
                self.filter_bar.box.set_values(field, [each.value for each in values if each.value])

    def _show_status(self) -> None:
        count = self.table.selected_count()
        parts = []
        if count > 1:
            parts.append(self.tr("%s selected") % f"{count:,}")
            places = self.table.selected_places()
            first, last = self.model.cell(places[0].start, "time"), self.model.cell(places[-1].stop - 1, "time")
            if isinstance(first, datetime) and isinstance(last, datetime) and first != last:
                from inspector.clock import in_words

                parts.append(self.tr("%s between first and last") % in_words(abs(last - first)))
        self.status.setText(" · ".join(parts))

    # ---- findings ----

    def _judging_changed(self, judging: bool) -> None:
        if judging:
            self.side_bar.findings.show_waiting(self.tr("Looking for refused tokens…"))
            self.notice.setText(self.tr("Diagnosing…"))
        else:
            self.notice.setText("")

    def _show_diagnosis(self, diagnosis: Diagnosis) -> None:
        self._diagnosis = diagnosis
        self.side_bar.findings.show_diagnosis(diagnosis)
        self.detail.show_whole(diagnosis)
        self.detail.timeline.show_what_if(diagnosis.what_if)
        self.overview.show_findings(diagnosis.findings)
        self._show_counts()
        if self.settings.highlight_rules:
            self._apply_rules()
        self.model.refresh()
        row = self.table.current_row()
        if diagnosis.findings and row == self._untouched_row and self.model.place_of(diagnosis.findings[0].rows[0]) >= 0:
            self.show_finding(diagnosis.findings[0])
            if self.table.current_row() == row >= 0:
                self.engine.inspect(row)
        elif row >= 0:
            self.engine.inspect(row)
        if len(self.model.rows):
            self.engine.count(self.model.rows, BINS)

    def _show_counts(self) -> None:
        findings = len(self._diagnosis.findings) if self._diagnosis is not None else 0
        self.side_bar.show_counts(findings, len(self.engine.session.sources))

    def show_finding(self, finding: Finding) -> None:
        """Select the first event of a finding and open its diagnosis."""
        rows = finding.rows or tuple(each.row for each in finding.events)
        if rows:
            self.go_to_row(rows[0])

    def show_finding_rows(self, finding: Finding) -> None:
        """Show only the events of a finding."""
        self._follow_row = finding.rows[0] if finding.rows else None
        self.filter_bar.set_text(f"finding:{finding.id}")

    def show_evidence(self, evidence: Evidence) -> None:
        """Go to the exact characters that a piece of evidence rests on."""
        if evidence.row is not None:
            self.detail.expect(evidence)
            if self.table.current_row() != evidence.row:
                self.go_to_row(evidence.row)

    def go_to_row(self, row: int) -> None:
        """Select an event; a filter that hides it is cleared, as a step that can be undone."""
        place = self.model.place_of(row)
        if place >= 0:
            self.table.go_to(place)
        else:
            self._follow_row = row
            self.filter_bar.set_text("")

    def _mark_finding(self, finding: Finding) -> None:
        self.side_bar.setCurrentIndex(0)
        self.side_bar.findings.mark(finding.id)

    # ---- commands ----

    def focus_filter(self) -> None:
        """Put the cursor into the filter box."""
        self.filter_bar.box.setFocus()
        self.filter_bar.box.selectAll()

    def go_to_error(self, backwards: bool) -> None:
        """Select the next (previous) row of level error or worse."""
        rows, start = self.model.rows, self.table.currentIndex().row()
        if not len(rows):
            return
        bad = {Level.CRITICAL, Level.ERROR, Level.AUDIT_FAILURE}
        session = self.engine.session

        def work(job: Job) -> int:
            step = 4096
            places = range(start - 1, -1, -1) if backwards else range(start + 1, len(rows))
            for begin in range(0, len(places), step):
                job.check()
                part = places[begin : begin + step]
                levels = session.page([int(rows[place]) for place in part], ["level"]).cells["level"]
                for place, level in zip(part, levels, strict=True):
                    if level in bad:
                        return place
            return -1

        self.engine.run(
            self.tr("Looking for errors"),
            work,
            lambda place: self.table.go_to(place) if place >= 0 else self.say(self.tr("No further error.")),
        )

    def go_to_time(self) -> None:
        """Ask for a moment and select the first event at or after it."""
        text, given = QInputDialog.getText(self, self.tr("Go to time"), self.tr("Time (UTC), such as 10:21 or 2026-01-26 10:21:49"))
        if given and text.strip():
            self.go_to_moment(text.strip())

    def go_to_moment(self, text: str) -> None:
        """Select the first row shown at or after a time given as text; a time of day alone means the day of the current row."""
        day = self.model.cell(max(0, self.table.currentIndex().row()), "time")
        moment = parse_moment(text, day if isinstance(day, datetime) else None)
        if moment is None:
            self.say(self.tr("“%s” is no time that can be understood.") % text)
            return
        rows, session = self.model.rows, self.engine.session

        def work(job: Job) -> int:
            best, best_gap = -1, timedelta.max
            for begin in range(0, len(rows), 4096):
                job.check()
                part = [int(each) for each in rows[begin : begin + 4096]]
                for number, time in enumerate(session.page(part, ["time"]).cells["time"]):
                    if isinstance(time, datetime) and timedelta(0) <= time - moment < best_gap:
                        best, best_gap = begin + number, time - moment
            return best

        self.engine.run(
            self.tr("Going to a time"),
            work,
            lambda place: self.table.go_to(place) if place >= 0 else self.say(self.tr("No event at or after that time.")),
        )

    def toggle_bookmark(self) -> None:
        """Set or take away the bookmark of the current event."""
        row = self.table.current_row()
        if row >= 0:
            self.marks.toggle_bookmark(row)

    def edit_note(self) -> None:
        """Ask for the note of the current event."""
        row = self.table.current_row()
        if row >= 0:
            text, given = QInputDialog.getMultiLineText(self, self.tr("Note"), self.tr("Note on this event"), self.marks.notes.get(row, ""))
            if given:
                self.marks.write_note(row, text)

    def go_to_bookmark(self, backwards: bool) -> None:
        """Select the next (previous) bookmarked event."""
        row = self.marks.next_bookmark(self.table.current_row(), backwards)
        if row is not None:
            self.go_to_row(row)

    def copy_rows(self) -> None:
        """Copy the selected rows as a table with tabs."""
        self.copy_as("table")

    def copy_as(self, form: str) -> None:
        """Copy the selected rows, redacted, in a form of ``inspector.gui.copying``."""
        from inspector.gui.copying import copied

        places = [place for each in self.table.selected_places() for place in each[:COPY_LIMIT]][:COPY_LIMIT]
        if not places:
            return
        rows = [self.model.row_number(place) for place in places]
        columns = self._visible_columns()
        session, clock = self.engine.session, self.clock
        everything = self.table.selected_count()

        def done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            more = "" if everything == len(rows) else self.tr(", the first of %s") % f"{everything:,}"
            self.say(self.tr("%s rows copied") % f"{len(rows):,}" + more)

        self.engine.run(self.tr("Copying"), lambda job: copied(session, rows, columns, form, clock, job), done)

    def save_rows(self) -> None:
        """Ask for a file and write the rows shown to it as CSV."""
        path, _filter = QFileDialog.getSaveFileName(
            self, self.tr("Save shown rows"), str(Path(self.settings.last_folder) / "events.csv"), "CSV (*.csv)"
        )
        if path:
            self.write_rows(Path(path))

    def write_rows(self, path: Path) -> None:
        """Write the rows shown as CSV, redacted."""
        from inspector.gui.copying import write_csv

        rows, columns, session, clock = self.model.rows, self._visible_columns(), self.engine.session, self.clock
        self.engine.run(
            self.tr("Saving rows"),
            lambda job: write_csv(session, rows, columns, clock, path, job),
            lambda count: self.say(self.tr("{count} rows saved to {path}").format(count=f"{count:,}", path=path)),
        )

    def export_report(self) -> None:
        """Ask for a file and write the HTML report to it."""
        path, _filter = QFileDialog.getSaveFileName(
            self, self.tr("Export report"), str(Path(self.settings.last_folder) / "report.html"), "HTML (*.html)"
        )
        if path:
            self.write_report(Path(path))

    def write_report(self, path: Path) -> None:
        """Write the HTML report, secrets redacted."""
        from inspector.gui.copying import write_report

        session, query, notes = self.engine.session, self.filter_bar.text, dict(self.marks.notes)
        if self.filter_bar.has_mistake:
            query = ""
        self.engine.run(
            self.tr("Writing the report"),
            lambda job: write_report(session, path, query, notes, job),
            lambda count: self.say(self.tr("Report with {count} findings written to {path}").format(count=count, path=path)),
        )

    def save_filter(self) -> None:
        """Ask for a name and keep the filter under it."""
        if not self.filter_bar.text.strip():
            self.say(self.tr("There is no filter to save."))
            return
        name, given = QInputDialog.getText(self, self.tr("Save filter"), self.tr("Name"), text=self.filter_bar.text[:40])
        if given and name.strip():
            self.settings.saved_filters[name.strip()] = self.filter_bar.text
            self.save_settings()

    def show_shortcuts(self) -> None:
        """Open the sheet of shortcuts."""
        from inspector.gui.shortcut_sheet import ShortcutSheet

        ShortcutSheet(self.menuBar(), self.theme, self).open()

    def toggle_detail_place(self) -> None:
        """Move the detail pane between the bottom and the right."""
        self._place_detail(right=self.split.orientation() == Qt.Orientation.Vertical)

    def set_zone_choice(self, choice: ZoneChoice) -> None:
        """Show times in UTC, in this machine's zone, or as logged."""
        self.clock = ClockFace(choice, self.clock.offsets)
        self.model.clock = self.clock
        self.settings.zone = choice
        self.model.refresh()

    def set_scheme(self, scheme: SchemeChoice) -> None:
        """Choose light, dark or the system's colours."""
        self.settings.scheme = scheme
        self.apply_scheme()

    def change_text_size(self, step: int) -> None:
        """Next larger (smaller) text size; 0 for the usual one."""
        sizes = themes.TEXT_SIZES
        current = self.settings.text_size or themes.DEFAULT_TEXT_SIZE
        if step == 0:
            self.settings.text_size = 0
        else:
            number = min(range(len(sizes)), key=lambda each: abs(sizes[each] - current)) + step
            self.settings.text_size = sizes[max(0, min(len(sizes) - 1, number))]
        self.apply_scheme()

    def apply_scheme(self) -> None:
        """Put theme and text size on everything."""
        scheme: SchemeChoice = "dark" if self.settings.scheme == "dark" else "light" if self.settings.scheme == "light" else "system"
        self.theme = themes.chosen(scheme)
        points = self.settings.text_size or themes.DEFAULT_TEXT_SIZE
        application = QApplication.instance()
        if isinstance(application, QApplication):
            themes.apply(application, self.theme, points)
        for part in (self.start_page, self.filter_bar, self.overview, self.table, self.side_bar):
            part.restyle(self.theme)
        self.detail.restyle(self.theme, points)
        restyle_buttons(self, self.theme)
        for action in self.findChildren(QAction):
            name = action.property("icon")
            if name:
                action.setIcon(icons.icon(str(name), self.theme.muted, self.theme.border))
        self.table.fit_rows()

    def say(self, text: str) -> None:
        """A short notice in the status bar; nothing modal."""
        self.notice.setText(text)
        self._notice_timer.start()

    def sizeHint(self) -> QSize:
        return QSize(1280, 800)

    def hand_over(self, other: MainWindow) -> None:
        """Give the session, the filter, the marks and the selection to another window and close; nothing is read again."""
        session = self.engine.release()
        other.filter_bar.set_text(self.filter_bar.text)
        other.marks.bookmarks, other.marks.notes, other.marks.highlights = self.marks.bookmarks, self.marks.notes, self.marks.highlights
        other.take_over(session, self.table.current_row())
        self.close()

    def take_over(self, session: Session, row: int) -> None:
        """Show a session that another window had."""
        self._follow_row = row if row >= 0 else None
        self.engine.adopt(session)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.save_settings()
        self.engine.close()
        super().closeEvent(event)

    # ---- menus filled when they open ----

    def _fill_recent(self) -> None:
        self.recent_menu.clear()
        for path in self.settings.recent:
            self.recent_menu.addAction(path.replace("&", "&&"), bound(self.open_paths, [Path(path)]))
        self.recent_menu.setEnabled(True)

    def _fill_saved_filters(self) -> None:
        menu = self.filter_bar.saved_menu
        menu.clear()
        menu.addAction(self.tr("Save this filter…"), self.save_filter)
        colours = menu.addMenu(self.tr("Highlight what this filter matches"))
        colours.setEnabled(bool(self.filter_bar.text.strip()))
        for colour, title in self._highlight_names().items():
            colours.addAction(title, bound(self.add_highlight_rule, self.filter_bar.text, colour))
        if self.settings.highlight_rules:
            menu.addAction(self.tr("Forget every highlight rule"), self.forget_highlight_rules)
        if self.settings.saved_filters:
            menu.addSeparator()
        for name, text in self.settings.saved_filters.items():
            menu.addAction(name.replace("&", "&&"), bound(self.filter_bar.set_text, text))
        if self.settings.saved_filters:
            forget = menu.addMenu(self.tr("Forget"))
            for name in self.settings.saved_filters:
                forget.addAction(name.replace("&", "&&"), bound(self.settings.saved_filters.pop, name, None))

    def _fill_columns(self, menu: QMenu) -> None:
        menu.clear()
        for number, name in enumerate(self.model.columns):
            action = menu.addAction(column_title(name))
            action.setCheckable(True)
            action.setChecked(not self.table.isColumnHidden(number))
            action.toggled.connect(lambda shown, number=number: self.show_column(self.model.columns[number], shown))

    def show_column(self, name: str, shown: bool) -> None:
        """Show or hide a column, as the person wishes it from now on."""
        self.settings.columns_chosen = True
        self.table.setColumnHidden(self.model.columns.index(name), not shown)

    def _fit_columns(self, width: int) -> None:
        if self.settings.columns_chosen:
            return
        for name, least in GIVEN_UP.items():
            self.table.setColumnHidden(self.model.columns.index(name), width < least)

    def _open_header_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        self._fill_columns(menu)
        menu.exec(self.table.horizontalHeader().mapToGlobal(place))

    def _open_row_menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid():
            menu = self.row_menu(index.row(), self.model.columns[index.column()])
            menu.exec(self.table.viewport().mapToGlobal(place))

    def row_menu(self, place: int, column: str) -> QMenu:
        """The context menu of one cell."""
        menu = QMenu(self)
        add = self.filter_bar.add_term
        value = self.model.cell(place, column)
        text = str(value.name if isinstance(value, Level) else "" if value is None else value)
        if text and column not in {"time", "message"}:
            shown = text if len(text) <= 40 else text[:39] + "…"
            menu.addAction(
                self.tr("Show only %s") % shown.replace("&", "&&"),
                lambda: add(filter_text.column_term(column, text.replace("_", " ") if column == "level" else text)),
            )
            menu.addAction(
                self.tr("Hide %s") % shown.replace("&", "&&"),
                lambda: add(filter_text.column_term(column, text.replace("_", " ") if column == "level" else text, exclude=True)),
            )
        time = self.model.cell(place, "time")
        if isinstance(time, datetime):
            menu.addSeparator()
            menu.addAction(
                self.tr("Only before this"),
                lambda: self.filter_bar.set_text(
                    filter_text.with_term(filter_text.without_field(self.filter_bar.text, "time"), f"time:<={filter_text.stamp(time)}")
                ),
            )
            menu.addAction(
                self.tr("Only after this"),
                lambda: self.filter_bar.set_text(
                    filter_text.with_term(filter_text.without_field(self.filter_bar.text, "time"), f"time:>={filter_text.stamp(time)}")
                ),
            )
            menu.addAction(self.tr("5 minutes around this"), lambda: self._around(place, time))
        activity = self.model.cell(place, "activity")
        if activity:
            menu.addAction(self.tr("Same activity"), lambda: add(filter_text.column_term("activity", str(activity))))
        menu.addSeparator()
        copy = menu.addMenu(self.tr("Copy"))
        cell = self.model.text(place, column)
        copy.addAction(self.tr("Cell"), lambda: QGuiApplication.clipboard().setText(cell))
        for title, form in (
            (self.tr("Rows"), "table"),
            (self.tr("Rows as Event Viewer text"), "text"),
            (self.tr("Rows as XML"), "xml"),
            (self.tr("Rows as JSON"), "json"),
            (self.tr("Rows as Markdown"), "markdown"),
        ):
            copy.addAction(title, bound(self.copy_as, form))
        row = self.model.row_number(place)
        menu.addAction(
            self.tr("Remove bookmark") if row in self.marks.bookmarks else self.tr("Bookmark"), lambda: self.marks.toggle_bookmark(row)
        )
        menu.addAction(self.tr("Note…"), self.edit_note)
        colours = menu.addMenu(self.tr("Highlight"))
        for each, title in self._highlight_names().items():
            colours.addAction(title, bound(self.marks.highlight, row, each))
        colours.addAction(self.tr("None"), lambda: self.marks.highlight(row, None))
        return menu

    def _highlight_names(self) -> dict[Highlight, str]:
        return {"error": self.tr("Red"), "warning": self.tr("Yellow"), "info": self.tr("Blue"), "success": self.tr("Green")}

    def add_highlight_rule(self, query: str, colour: Highlight) -> None:
        """Colour whatever a filter matches, from now on and in every log."""
        self.settings.highlight_rules[query.strip()] = colour
        self._apply_rules()

    def forget_highlight_rules(self) -> None:
        """Colour nothing by rule any more."""
        self.settings.highlight_rules.clear()
        self._apply_rules()

    def _apply_rules(self) -> None:
        from inspector.query import QueryError

        session, wanted = self.engine.session, dict(self.settings.highlight_rules)

        def work(job: Job) -> list[Rule]:
            rules = []
            for query, name in wanted.items():
                colour = next((each for each in HIGHLIGHTS if each == name), None)
                try:
                    rows = session.select(query, job)
                except QueryError:
                    continue  # a rule out of an older settings file
                if colour is not None:
                    rules.append(Rule(query, colour, rows))
            return rules

        self.engine.run(self.tr("Highlighting"), work, self.marks.use_rules)

    def _around(self, place: int, time: datetime) -> None:
        self._follow_row = self.model.row_number(place)
        self.filter_bar.set_text(filter_text.around(self.filter_bar.text, time, FIVE_MINUTES))

    # ---- small things ----

    def _facet_term(self, column: str, value: str, exclude: bool) -> str:
        if column == "level" and value.isdigit():
            value = Level(int(value)).title
        return filter_text.column_term(column, value, exclude)

    def _set_zone(self, number: int, offset: timedelta) -> None:
        self.engine.set_zone(number, Zone(offset, ZoneBasis.USER, self.tr("set by you")))

    def _go_to_tab(self, number: int) -> None:
        if self.detail.tabs.isTabEnabled(number):
            self.detail.tabs.setCurrentIndex(number)
            self.detail.tabs.currentWidget().setFocus()

    def _marks_changed(self) -> None:
        self.table.viewport().update()
        if self.engine.is_ready:
            session = self.engine.session
            session.choose("bookmark", sorted(self.marks.bookmarks))
            session.choose("note", sorted(self.marks.notes))
            session.choose("highlight", sorted(self.marks.highlights))

    def _to_table(self) -> None:
        self.table.setFocus()
        if not self.table.currentIndex().isValid():
            self.table.go_to(0)

    def _toggle_side_bar(self) -> None:
        self.side_bar.setVisible(self.side_action.isChecked())

    def _toggle_overview(self) -> None:
        self.overview.setVisible(self.overview_action.isChecked())
        if self.overview_action.isChecked() and len(self.model.rows):
            self.engine.count(self.model.rows, BINS)

    def _show_failure(self, what: str, error: Exception) -> None:
        if not self.engine.is_ready:
            self.progress.hide()
        self.say(f"{what}: {error}" if str(error) else f"{what}: {type(error).__name__}")

    def _visible_columns(self) -> list[str]:
        header = self.table.horizontalHeader()
        ordered = sorted(range(len(self.model.columns)), key=header.visualIndex)
        return [self.model.columns[each] for each in ordered if not self.table.isColumnHidden(each)]

    def _place_detail(self, right: bool) -> None:
        orientation = Qt.Orientation.Horizontal if right else Qt.Orientation.Vertical
        if self.split.orientation() != orientation:
            self.settings.splitters["right" if not right else "bottom"] = self.split.sizes()
            self.split.setOrientation(orientation)
            self.split.setSizes(self.settings.splitters.get("right" if right else "bottom", [580, 460] if right else [260, 420]))
        self.detail.lay_out_for(orientation)

    def _fit_table(self, with_overview: bool) -> None:
        """Give a short log's table no more room than its rows need; a splitter that was moved stays."""
        if self.split.orientation() != Qt.Orientation.Vertical or "bottom" in self.settings.splitters:
            return
        row = self.table.verticalHeader().defaultSectionSize()
        needed = self.table.horizontalHeader().height() + (max(3, self.model.rowCount()) + 1) * row
        needed += self.overview.sizeHint().height() if with_overview else 0
        whole = sum(self.split.sizes())
        usual = max(220, whole * 2 // 5)
        if needed < usual:
            self.split.setSizes([needed, whole - needed])

    def _restore_layout(self) -> None:
        kept = self.settings
        if kept.geometry:
            self.restoreGeometry(QByteArray(base64.b64decode(kept.geometry)))
        self.split.setSizes(kept.splitters.get("bottom", [260, 420]))
        self.main_split.setSizes(kept.splitters.get("main", [248, 1032]))
        self.detail.lay_out_for(Qt.Orientation.Vertical)
        if kept.detail_right:
            self._place_detail(right=True)
        self.side_bar.setVisible(kept.side_bar)
        shown = kept.columns if kept.columns and kept.columns_chosen else [each for each in SHOWN if each not in HIDDEN_AT_FIRST]
        header = self.table.horizontalHeader()
        for number, name in enumerate(self.model.columns):
            self.table.setColumnHidden(number, name not in shown)
            if name in kept.widths:
                self.table.setColumnWidth(number, max(24, kept.widths[name]))
        for target, name in enumerate(each for each in shown if each in self.model.columns):
            header.moveSection(header.visualIndex(self.model.columns.index(name)), target)

    def save_settings(self) -> None:
        """Remember the layout now."""
        if self._settings_path is None:
            return
        kept = self.settings
        kept.geometry = base64.b64encode(self.saveGeometry().data()).decode()
        right = self.split.orientation() == Qt.Orientation.Horizontal
        kept.splitters["right" if right else "bottom"] = self.split.sizes()
        kept.splitters["main"] = self.main_split.sizes()
        kept.detail_right = right
        if self.engine.is_ready and (open_now := [str(each.path) for each in self.engine.session.sources if _is_file_of_its_own(each)]):
            kept.open_sources = open_now
            kept.last_filter = self.filter_bar.text
        kept.side_bar = self.side_action.isChecked()
        kept.overview = self.overview_action.isChecked()
        kept.columns = self._visible_columns()
        kept.widths = {
            name: self.table.columnWidth(number) for number, name in enumerate(self.model.columns) if not self.table.isColumnHidden(number)
        }
        remembered.save(kept, self._settings_path)


def parse_moment(text: str, day: datetime | None) -> datetime | None:
    """A moment written by a person, in UTC; a time of day alone takes its date from ``day``."""
    text = text.strip().rstrip("Zz").replace("T", " ")
    for pattern in ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    for pattern in ("%H:%M:%S.%f", "%H:%M:%S", "%H:%M"):
        try:
            clock = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
        return None if day is None else datetime.combine(day.astimezone(UTC).date(), clock.timetz())
    return None


def _spread(histogram: Histogram) -> bool:
    return int((histogram.counts.sum(axis=1) > 0).sum()) > 1


def _is_file_of_its_own(source: Source) -> bool:
    return source.path.is_absolute() and not source.name.startswith("pasted text ") and "!" not in source.name


def _zone_choice(text: str) -> ZoneChoice:
    return "machine" if text == "machine" else "logged" if text == "logged" else "utc"

"""The list of what is open: format, rows, damage, zone and how it is known."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QScrollArea, QVBoxLayout, QWidget

from inspector.clock import offset_text
from inspector.events import Source, ZoneBasis
from inspector.gui.arrangement import is_file_of_its_own
from inspector.gui.parts import ElidedLabel, IconButton, bound, escaped, label, restyle_buttons, rule
from inspector.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from inspector.casefile import CaseSource

_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s*(?P<sign>[+−-]?)(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?", re.IGNORECASE)

REASONS: Final = 5
"""Reasons of problems listed for one source; the report lists all."""
PLACES: Final = 40
"""Places of one reason that the tool tip names."""


class SourcesPanel(QScrollArea):
    """What is open: format, rows, damage, zone and how it is known."""

    remove_asked = Signal(int)
    reload_asked = Signal(int)
    zone_asked = Signal(int, object)
    """Source and its new offset (timedelta)."""
    other_zone_asked = Signal(object)
    """The person wants to write the offset of a source."""
    only_asked = Signal(str)
    read_as_asked = Signal(int, str)
    """Source and the name of the format to read it with."""
    missing_asked = Signal()
    """The person says where the missing sources are."""
    leave_out_asked = Signal(int)
    """A missing source, by its place in the list, is not wanted any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme: Theme = LIGHT
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Sources"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._sources: tuple[Source, ...] = ()
        self._unopened: tuple[str, ...] = ()
        self._missing: tuple[CaseSource, ...] = ()
        self.show_sources((), ())

    def show_missing(self, missing: Sequence[CaseSource]) -> None:
        """List sources of the case that were not found."""
        if tuple(missing) != self._missing:
            self.show_sources(self._sources, self._unopened, missing)

    def show_sources(self, sources: Sequence[Source], unopened: Sequence[str], missing: Sequence[CaseSource] = ()) -> None:
        """List the sources, those of the case that were not found, and what could not be opened at all."""
        self._sources, self._unopened, self._missing = tuple(sources), tuple(unopened), tuple(missing)
        page = QWidget()
        page.setObjectName("page")
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for source in sources:
            layout.addWidget(self._entry(source))
            layout.addWidget(rule())
        for number, kept in enumerate(missing):
            layout.addWidget(self._missing_entry(number, kept))
            layout.addWidget(rule())
        for text in unopened:
            trouble = label(text, "mistake", wrap=True, selectable=True)
            trouble.setContentsMargins(12, 8, 12, 8)
            layout.addWidget(trouble)
            layout.addWidget(rule())
        layout.addStretch(1)
        self.setWidget(page)
        restyle_buttons(page, self.theme)

    def restyle(self, theme: Theme) -> None:
        """Use other colours."""
        self.theme = theme
        restyle_buttons(self, theme)

    def _entry(self, source: Source) -> QWidget:
        entry = QWidget()
        lines = QVBoxLayout(entry)
        lines.setContentsMargins(12, 8, 8, 8)
        lines.setSpacing(2)
        top = QHBoxLayout()
        name = ElidedLabel(PurePath(source.name).name or source.name, "title")
        name.setToolTip(escaped(source.name))
        name.setAccessibleName(source.name)
        menu_button = IconButton("ellipsis", self.tr("What to do with %s") % source.name)
        menu_button.clicked.connect(lambda: self._open_menu(source, menu_button))
        top.addWidget(name, 1)
        top.addWidget(menu_button)
        lines.addLayout(top)
        lines.addWidget(
            label(
                self.tr("{format} · {count} events · {size}").format(
                    format=source.format, count=f"{source.events:,}", size=size_text(source.size)
                ),
                "muted",
                wrap=True,
            )
        )
        lines.addWidget(label(f"{zone_text(source.zone.offset)}, {source.zone.basis.value}", "muted"))
        evidence = label(source.zone.evidence, "muted", wrap=True, selectable=True)
        lines.addWidget(evidence)
        if source.date_order:
            lines.addWidget(label(source.date_order, "muted", wrap=True, selectable=True))
        self._list_problems(source, lines)
        return entry

    def _list_problems(self, source: Source, lines: QVBoxLayout) -> None:
        """Each reason once, with the first place it was met at; the tool tip names the others."""
        places: dict[tuple[str, bool], list[str]] = {}
        for problem in source.problems:
            places.setdefault((problem.reason, problem.notice), []).append(problem.position)
        for (reason, notice), positions in list(places.items())[:REASONS]:
            lines.addSpacing(4)
            place = positions[0]
            if len(positions) > 1:
                place = self.tr("{place} and {count} more").format(place=place, count=f"{len(positions) - 1:,}")
            entry = label(f"{place}: {reason}", "muted" if notice else "mistake", wrap=True, selectable=True)
            if len(positions) > 1:
                entry.setToolTip(escaped("\n".join(positions[:PLACES])))
            lines.addWidget(entry)
        if len(places) > REASONS:
            lines.addSpacing(4)
            lines.addWidget(label(self.tr("and %s more problems") % f"{sum(map(len, list(places.values())[REASONS:])):,}", "mistake"))

    def _missing_entry(self, number: int, kept: CaseSource) -> QWidget:
        entry = QWidget()
        lines = QVBoxLayout(entry)
        lines.setContentsMargins(12, 8, 8, 8)
        lines.setSpacing(4)
        name = ElidedLabel(PurePath(kept.name).name or kept.name, "title")
        name.setToolTip(escaped(kept.name))
        name.setAccessibleName(kept.name)
        lines.addWidget(name)
        lines.addWidget(label(self.tr("Not found; its marks are kept in the case."), "mistake", wrap=True))
        lines.addWidget(label(kept.path, "muted", wrap=True, selectable=True))
        look = QPushButton(self.tr("Look in a folder…"))
        look.clicked.connect(lambda _checked=False: self.missing_asked.emit())
        leave = QPushButton(self.tr("Leave out"))
        leave.setAccessibleName(self.tr("Leave %s out of the case") % kept.name)
        leave.clicked.connect(lambda _checked=False: self.leave_out_asked.emit(number))
        row = QHBoxLayout()
        row.addWidget(look)
        row.addWidget(leave)
        row.addStretch(1)
        lines.addLayout(row)
        return entry

    def _open_menu(self, source: Source, button: QWidget) -> None:
        menu = QMenu(self)
        menu.addAction(self.tr("Show only this source"), lambda: self.only_asked.emit(source.name))
        zone = menu.addMenu(self.tr("Time zone of this source"))
        for minutes in range(-12 * 60, 14 * 60 + 1, 60):
            action = zone.addAction(
                zone_text(timedelta(minutes=minutes)), bound(self.zone_asked.emit, source.id, timedelta(minutes=minutes))
            )
            action.setCheckable(True)
            action.setChecked(source.zone.offset == timedelta(minutes=minutes) and source.zone.basis == ZoneBasis.USER)
        zone.addAction(self.tr("Other…"), lambda: self.other_zone_asked.emit(source))
        menu.addAction(self.tr("Read again"), lambda: self.reload_asked.emit(source.id))
        if is_file_of_its_own(source):
            self._add_formats(menu.addMenu(self.tr("Read as")), source)
        menu.addAction(self.tr("Close"), lambda: self.remove_asked.emit(source.id))
        menu.exec(button.mapToGlobal(QPoint(0, button.height())))

    def _add_formats(self, menu: QMenu, source: Source) -> None:
        from inspector.session import format_titles

        for name, title in format_titles().items():
            action = menu.addAction(title.replace("&", "&&"), bound(self.read_as_asked.emit, source.id, name))
            action.setCheckable(True)
            action.setChecked(name == source.format)


def size_text(size: int) -> str:
    """``12 KB``, ``3.4 MB``."""
    if size < 1000:
        return f"{size} bytes"
    for unit, step in (("KB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if size < step * 1000 or unit == "GB":
            number = size / step
            return f"{number:.1f} {unit}" if number < 10 else f"{number:,.0f} {unit}"
    return f"{size} bytes"


def zone_text(offset: timedelta) -> str:
    """``UTC+01:00``; ``UTC`` for none."""
    return f"UTC{offset_text(offset)}".removesuffix("+00:00")


def parsed_offset(text: str) -> timedelta | None:
    """An offset from UTC as a person writes it: ``+05:30``, ``-3``, ``UTC+0100``, ``0``; None for anything else, or beyond 14 hours."""
    found = _OFFSET.fullmatch(text.strip())
    if found is None:
        return None
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return None if offset > timedelta(hours=14) else -offset if found["sign"] in {"-", "−"} else offset

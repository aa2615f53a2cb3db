"""Windows event logs (.evtx): recognised by content, read in pieces, sound or damaged."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal

import numpy as np
import polars as pl

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.evtx import chunks, display_information, event_xml, recovery
from inspector.formats.evtx.chunks import CHUNK_MAGIC, CHUNK_SIZE, FILE_HEADER_SIZE, FILE_MAGIC
from inspector.formats.evtx.columns import EventColumns
from inspector.formats.evtx.display_information import UnreadableError
from inspector.formats.evtx.displayed_columns import DisplayedColumns
from inspector.formats.evtx.first_reader import AVAILABLE, DECLARATION
from inspector.formats.evtx.reading import Events, PieceReader, Rows, is_plain, rows_of_plain, together

__all__ = ["EVTX", "Evtx"]

TOGETHER: Final = 12_000
"""Events of small files whose rows are made at once."""
TOGETHER_BYTES: Final = 8 * 1024 * 1024
"""Size of small files that are read at once."""
SMALLEST_PIECE: Final = 32 * CHUNK_SIZE
LARGEST_PIECE: Final = 256 * CHUNK_SIZE
PIECES: Final = 12
"""Pieces that a file of middling size is cut into."""


class Evtx:
    """Logs of Windows Vista and later, as the event log service writes and exports them."""

    name = "evtx"
    title = "Windows event log (.evtx)"
    recognised_by = "the magic of its header (ElfFile), or of a chunk (ElfChnk) where the header is gone"
    extensions: Sequence[str] = (".evtx",)
    position_word: Literal["record", "line"] = "record"

    def sniff(self, head: bytes, name: str) -> int:
        """100 for the header's magic or a chunk at its place, 90 for a chunk elsewhere."""
        del name
        if head.startswith((FILE_MAGIC, CHUNK_MAGIC)) or chunks.is_chunk(head, FILE_HEADER_SIZE):
            return 100
        return 90 if chunks.find_chunk(head, 0, len(head)) >= 0 else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Look at the file header and cut the file into pieces of whole chunks. Raises OSError."""
        with opened.path.open("rb") as file:
            header = file.read(FILE_HEADER_SIZE)
            size = file.seek(0, 2)
        return _prepared(opened, header, size, _display_problems(opened))

    def prepare_together(self, files: Sequence[Opened], contents: Sequence[bytes]) -> Sequence[Prepared]:
        """The same of whole files at hand, what lies beside them looked for once in each folder."""
        displayed = _folders_with_display(files)
        return [
            _prepared(opened, data[:FILE_HEADER_SIZE], len(data), _display_problems(opened) if opened.path.parent in displayed else ())
            for opened, data in zip(files, contents, strict=True)
        ]

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the events of the chunks that start within ``piece``, and what is damaged. Raises OSError."""
        with opened.path.open("rb") as file:
            columns = _columns(opened)
            for item in PieceReader(file, opened.name, piece, columns, second_alone=opened.careful).items():
                if isinstance(item, Events):
                    yield Batch(_frame(columns, item))
                else:
                    yield Batch(item.frame) if isinstance(item, Rows) else item

    def read_together(
        self, files: Sequence[Opened], contents: Sequence[bytes]
    ) -> Iterator[tuple[Sequence[int], Batch] | tuple[int, Problem | ProgressMark]]:
        """Whole small files, their rows made all at once: a file of some hundred events takes less time than a call for its own would. Raises OSError."""
        displayed = _folders_with_display(files)
        plain: list[int] = []
        size = 0
        others: list[int] = []
        for number, (opened, data) in enumerate(zip(files, contents, strict=True)):
            if AVAILABLE and not opened.careful and opened.path.parent not in displayed and is_plain(data):
                yield from self._others_together(files, contents, others, displayed)
                others = []
                plain.append(number)
                size += len(data)
                if size >= TOGETHER_BYTES:
                    yield from self._plain_together(files, contents, plain)
                    plain, size = [], 0
            else:
                yield from self._plain_together(files, contents, plain)
                plain, size = [], 0
                others.append(number)
        yield from self._plain_together(files, contents, plain)
        yield from self._others_together(files, contents, others, displayed)

    def _plain_together(
        self, files: Sequence[Opened], contents: Sequence[bytes], numbers: Sequence[int]
    ) -> Iterator[tuple[Sequence[int], Batch] | tuple[int, Problem | ProgressMark]]:
        """Files of sound chunks alone."""
        if not numbers:
            return
        found = rows_of_plain(_known_columns(threading.get_ident()), [contents[number] for number in numbers])
        if found is None:
            yield from self._others_together(files, contents, numbers, frozenset())
            return
        of, rows = found
        if len(of):
            yield np.array(numbers)[of].tolist(), Batch(rows.frame)
        yield numbers[-1], ProgressMark(0)

    def _others_together(
        self, files: Sequence[Opened], contents: Sequence[bytes], numbers: Sequence[int], displayed: AbstractSet[Path]
    ) -> Iterator[tuple[Sequence[int], Batch] | tuple[int, Problem | ProgressMark]]:
        waiting: list[Events] = []
        of: list[int] = []
        columns = known = _known_columns(threading.get_ident())
        for number in numbers:
            opened, data = files[number], contents[number]
            own = _columns(opened) if opened.path.parent in displayed else known
            if waiting and (own is not columns or len(of) >= TOGETHER):
                yield of, Batch(_frame(columns, together(waiting)))
                waiting, of = [], []
            columns = own  # texts of display information go by the log's own numbers: no other log's events may be among them
            for item in PieceReader(io.BytesIO(data), opened.name, FileSpan(0, len(data)), second_alone=opened.careful).items():
                if isinstance(item, Events):
                    waiting.append(item)
                    of.extend([number] * len(item.texts))
                elif not isinstance(item, Rows):
                    yield number, item
        if waiting:
            yield of, Batch(_frame(columns, together(waiting)))

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The XML of the event at that place. Raises OSError, or ValueError when nothing is there any more."""
        with opened.path.open("rb") as file:
            before = max(0, offset - CHUNK_SIZE)
            file.seek(before)
            data = file.read(2 * CHUNK_SIZE)
        at = _chunk_of(data, offset - before, before)
        chunk = data[at : at + CHUNK_SIZE]
        text = recovery.read_record(chunk, offset - before - at, length, second_alone=opened.careful)
        if text is None:
            raise ValueError(f"there is no event at byte {offset:,} any more")
        return text.removeprefix(DECLARATION)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """System fields, data and what came with a forwarded event, in this order, with attributes as fields of their own."""
        event = event_xml.parse(raw)
        data = tuple((name or "Data", value) for name, value in event.data)
        return (*event.system, *data, *event.rendering)


def _frame(columns: EventColumns, events: Events) -> pl.DataFrame:
    return columns.frame(events.texts, events.offsets, events.lengths, events.written, events.flags)


def _prepared(opened: Opened, header: bytes, size: int, display_problems: tuple[Problem, ...]) -> Prepared:
    problems: tuple[Problem, ...] = ()
    if not chunks.file_header_is_sound(header):
        missing = not header.startswith(FILE_MAGIC)
        what = "missing or wiped" if missing else "damaged"
        problems = (Problem(opened.name, "file header", f"the file header is {what}; the file was read without it"),)
    return Prepared(opened, _pieces(size), problems=(*problems, *display_problems), splittable=True, careful=True)


def _folders_with_display(files: Sequence[Opened]) -> frozenset[Path]:
    """The files' folders in which there is display information of any log."""
    return frozenset(folder for folder in {opened.path.parent for opened in files} if display_information.is_in(folder))


def _columns(opened: Opened) -> EventColumns:
    """What makes rows of events, with the texts of display information where that was saved with the log."""
    path = display_information.chosen(display_information.files_beside(opened.path))
    if path is not None:
        with contextlib.suppress(OSError, UnreadableError):  # told when the file was prepared
            return DisplayedColumns(display_information.load(path))
    return _known_columns(threading.get_ident())


def _display_problems(opened: Opened) -> tuple[Problem, ...]:
    """What the user must know about the display information that was saved with a log."""
    files = display_information.files_beside(opened.path)
    path = display_information.chosen(files)
    if path is None:
        return ()
    place = f"{path.parent.name}/{path.name}"
    try:
        display_information.load(path)
    except (OSError, UnreadableError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        words = f"the display information saved with this log cannot be used: {reason}; messages are built from the events' data instead"
        return (Problem(opened.name, place, words, notice=True),)
    if len(files) > 1:
        words = f"display information in {len(files)} languages was saved with this log; its texts are taken from this file"
        return (Problem(opened.name, place, words, notice=True),)
    return ()


@lru_cache(maxsize=2)
def _known_columns(thread: int) -> EventColumns:
    """What a thread has seen of System blocks: the next piece, and the next file, repeat it."""
    del thread
    return EventColumns()


def _pieces(size: int) -> tuple[FileSpan, ...]:
    step = min(max(size // PIECES // CHUNK_SIZE * CHUNK_SIZE, SMALLEST_PIECE), LARGEST_PIECE)
    borders = [0, *range(FILE_HEADER_SIZE + step, max(size - SMALLEST_PIECE // 2, 0), step), size]
    return tuple(FileSpan(start, end) for start, end in pairwise(borders))


def _chunk_of(data: bytes, offset: int, before: int) -> int:
    """Where in ``data``, which lies at byte ``before`` of the file, the chunk starts that holds the record at ``offset``."""
    found = chunks.find_chunk(data, max(0, offset - CHUNK_SIZE), offset)
    while found >= 0:
        following = chunks.find_chunk(data, found + 1, offset)
        if following < 0:
            return found
        found = following
    # the chunk's header is gone: where it has to be
    return max(0, offset - (before + offset - FILE_HEADER_SIZE) % CHUNK_SIZE)


EVTX: Final = Evtx()

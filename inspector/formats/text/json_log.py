"""Formats made of JSON objects, whether a line each, in one array, or in a member of one document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark
from inspector.formats.text import blocks, encodings, json_text, line_log
from inspector.formats.text.blocks import Block, Positions, TextFile
from inspector.formats.text.json_record import Records, fields_of, plain

Reshape = Callable[[Any], Any]
_MOST_PROBLEMS: Final = 20
_GOES_ON: Final = re.compile(
    r"[ \t\r\n]|at [A-Za-z_$<]|Caused by: |Suppressed: |\.\.\. \d+ (?:more|common)|---> |--- End|Traceback \(most recent|$"
)
"""A line that goes on with the one before it."""
_DOCKER_GOES_ON: Final = r'^\{"log": ?"(?:[ ]|\\t|\\n|\\r|at [A-Za-z_$<]|Caused by: |Suppressed: |\.\.\. [0-9]+ |---> |--- End|Traceback )'


def head_text(head: bytes) -> str:
    """A file's start as text."""
    data = encodings.head_text(head)
    return data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n\x00") if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else ""


class JsonLog:
    """JSON objects in a text. Subclasses say which texts are theirs."""

    position_word: Literal["record", "line"] = "line"

    def __init__(
        self,
        name: str,
        title: str,
        recognised_by: str,
        extensions: Sequence[str],
        *,
        lines: bool,
        member: str = "",
        recognise: Callable[[str], int],
        reshape: Reshape | None = None,
    ) -> None:
        """``lines``: an object begins only at a line's start, so that the file can be read in pieces. ``member``: pattern of what stands
        in front of the array. ``recognise``: score for the file's first characters. ``reshape``: makes an object an event-like one.
        """
        self.name = name
        self.title = title
        self.recognised_by = recognised_by
        self.extensions: Sequence[str] = tuple(extensions)
        self._lines = lines
        self._member = re.compile(member) if member else None
        self._recognise = recognise
        self._reshape = reshape

    def sniff(self, head: bytes, name: str) -> int:
        """Score by the first characters."""
        del name
        text = head_text(head)
        return self._recognise(text) if text[:1] in ("{", "[") else 0

    def prepare(self, opened: Opened) -> Prepared:
        """Settle the encoding and cut the file where lines begin, or not at all. Raises OSError."""
        with TextFile(opened) as text:
            settled = blocks.settled(opened, text)
            if not self._lines:
                return Prepared(settled, (FileSpan(text.encoding.mark, text.size),))
            return Prepared(settled, blocks.pieces(text, _line_objects), continues=True)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        """Yield the objects of a piece. Raises OSError."""
        told = 0
        strays = False
        first = True
        with TextFile(opened) as file:
            for block, last, again in blocks.walk(file, piece):
                if block.strays and not strays:
                    strays = True
                    yield blocks.stray_problem(opened.name, block)
                reading = _Reading(self, block, last=last, first=first and piece.start <= file.encoding.mark)
                batch, problems, rest = reading.run(opened)
                if rest is not None:
                    again.append(rest)
                if rest is None or rest > 0:
                    first = False
                yield from problems[: max(0, _MOST_PROBLEMS - told)]
                told += len(problems)
                if batch is not None:
                    yield batch
                yield ProgressMark(block.end)
                if reading.ended:
                    break
        if told > _MOST_PROBLEMS:
            yield Problem(opened.name, "file", f"{told - _MOST_PROBLEMS} more places hold no whole JSON object", 0)

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        """The object as the log holds it. Raises OSError, or ValueError when the file no longer reaches that far."""
        return line_log.raw(opened, offset, length)

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        """Every member by its dotted name."""
        return list(fields_of(raw))

    def find_array(self, text: str) -> int:
        """Where the events begin in a document's text."""
        if self._member is None:
            return 0
        found = self._member.search(text)
        return found.end() if found else 0

    def shaped(self, value: Any) -> Any:  # noqa: ANN401 - JSON holds anything
        """An object as one that ``Records`` understands."""
        if self._reshape is None or not isinstance(value, dict):
            return value
        try:
            return self._reshape(value)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            return value

    @property
    def by_line(self) -> bool:
        """Whether every object has a line of its own."""
        return self._lines

    @property
    def has_member(self) -> bool:
        """Whether the objects stand in an array within a document."""
        return self._member is not None


class _Reading:
    """One block of JSON text."""

    def __init__(self, log: JsonLog, block: Block, *, last: bool, first: bool) -> None:
        self._log = log
        self._block = block
        self._last = last
        self._first = first
        self.ended = False

    def run(self, opened: Opened) -> tuple[Batch | None, list[Problem], int | None]:
        """The batch, what was broken, and from where to see the text again."""
        text = self._block.data.decode("utf-8")
        start = self._log.find_array(text) if self._first else 0
        records = Records()
        spans: list[tuple[int, int]] = []
        broken: list[json_text.Found] = []
        rest: int | None = None
        found = (
            self._by_line(text)
            if self._log.by_line
            else json_text.values(text, start, final=self._last or self._block.full, stop="]" if self._log.has_member else "")
        )
        at = start
        for value in _folded(found) if self._log.by_line else found:
            at = value.end
            if value.broken:
                broken.append(value)
                # what cannot be read is an event all the same: its text
                records.add(text[value.start : value.end].strip())
            else:
                records.add(self._log.shaped(value.value))
            spans.append((value.start, value.end))
        if self._log.by_line and spans and not self._last and _docker_line(value.value) is not None:
            # more of its lines may follow
            start, _ = spans.pop()
            records.drop_last()
            rest = _bytes_before(text, start)
        if not self._log.by_line:
            remaining = text[at:].lstrip(" \t\r\n,")
            if self._log.has_member and remaining.startswith("]"):
                self.ended = True
            elif not self._last and not self._block.full:
                rest = _bytes_before(text, at)
        if not spans:
            return None, [], rest
        places = _byte_places(text, spans)
        columns = line_log.place_columns(self._block, places[:, 0].copy(), places[:, 1].copy())
        columns |= records.finish(opened.day_first, opened.now_year)
        lines = (
            self._block.line_numbers(_byte_places(text, [(item.start, item.end) for item in broken])[:, 0].copy()).tolist()
            if broken
            else []
        )
        problems = [
            Problem(opened.name, f"line {line}", f"no whole JSON object ({item.broken}); shown as plain text")
            for line, item in zip(lines, broken, strict=True)
        ]
        batch = line_log.finished(columns)
        if broken:
            starts = {item.start for item in broken}
            marks = np.array([16 if span[0] in starts else 0 for span in spans], np.uint16)
            batch = Batch(batch.frame.with_columns((pl.col("flags") | pl.Series(marks)).cast(pl.UInt16).alias("flags")))
        return batch, problems, rest

    def _by_line(self, text: str) -> Iterator[json_text.Found]:
        at = 0
        for line in text.split("\n"):
            end = at + len(line)
            stripped = line.strip(" \t\r\x00\x1e\ufeff")
            if stripped:
                start = at + line.index(stripped)
                try:
                    value, stop = json_text.decode(stripped.rstrip(","))
                    if stripped[stop:].strip(" ,"):
                        yield json_text.Found(start, start + len(stripped), None, "text behind the object")
                    else:
                        yield json_text.Found(start, start + len(stripped), value)
                except ValueError as error:
                    yield json_text.Found(start, start + len(stripped), None, getattr(error, "msg", str(error)))
            at = end + 1


def _docker_line(value: Any) -> str | None:  # noqa: ANN401 - JSON holds anything
    """The line in an object that docker's json-file driver wrote; None for other objects."""
    if isinstance(value, dict) and isinstance(value.get("log"), str) and "stream" in value and "time" in value:
        return str(value["log"])
    return None


def _folded(found: Iterator[json_text.Found]) -> Iterator[json_text.Found]:
    """Values, with docker's objects joined where their lines go on with the one before."""
    held: json_text.Found | None = None
    for value in found:
        line = _docker_line(value.value)
        if held is not None and line is not None and (_GOES_ON.match(line) or not held.value["log"].endswith("\n")):
            held = json_text.Found(held.start, value.end, {**held.value, "log": held.value["log"] + line})
            continue
        if held is not None:
            yield held
            held = None
        if line is None:
            yield value
        else:
            held = value
    if held is not None:
        yield held


def _bytes_before(text: str, at: int) -> int:
    return at if text.isascii() else len(text[:at].encode("utf-8"))


def _byte_places(text: str, spans: Sequence[tuple[int, int]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Spans in characters as spans in UTF-8 bytes."""
    flat = np.array(spans, np.int64).reshape(-1, 2)
    if text.isascii():
        return flat
    points = np.unique(flat)
    sizes = [0]
    before = 0
    for point in points.tolist():
        sizes.append(sizes[-1] + len(text[before:point].encode("utf-8")))
        before = point
    return np.array(sizes[1:], np.int64)[np.searchsorted(points, flat)]


def _line_objects(block: Block) -> Positions:
    data = np.frombuffer(block.data, np.uint8)
    starts: Positions = block.lines[data[np.minimum(block.lines, max(len(data) - 1, 0))] == ord("{")]
    going_on = block.heads(starts, 80).str.contains(_DOCKER_GOES_ON).fill_null(value=False).to_numpy()
    begins: Positions = starts[~going_on]
    return begins


def first_object(text: str) -> dict[str, Any] | None:
    """The object with which a text begins, also when it is the first of an array."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        value, _ = json_text.decode(text, start)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def compact(value: Any) -> str:  # noqa: ANN401 - JSON holds anything
    """A value as text, for headlines."""
    return (
        value if isinstance(value, str) else plain(value) if not isinstance(value, (dict, list)) else json.dumps(value, ensure_ascii=False)
    )

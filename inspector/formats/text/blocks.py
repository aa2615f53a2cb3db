"""A text log as blocks of whole lines in UTF-8 that know which bytes of the file they came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import Problem
from inspector.formats.base import FileSpan, Opened
from inspector.formats.text import encodings
from inspector.formats.text.encodings import Encoding

BLOCK: Final = 4 << 20
"""Bytes read at once; also about the size of a batch."""
LONGEST_EVENT: Final = 32 << 20
"""An event longer than this is cut; the rest follows in rows of its own."""
PIECE: Final = 24 << 20
"""Bytes that one worker reads before another may go on elsewhere."""

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """Some whole lines of a log (the last one may lack its end)."""

    data: bytes
    """Valid UTF-8."""
    lines: Positions
    """Where each line starts in ``data``."""
    origins: Positions
    """Byte of the file at which each line starts."""
    start: int
    """Byte of the file at which the block starts."""
    end: int
    """Byte of the file behind the block."""
    line: int
    """Number of the first line, 1-based."""
    encoding: Encoding
    same: bool
    """Whether ``data`` are the file's bytes unchanged, so that positions differ by ``start`` alone."""
    whole: pl.Series
    """``data`` as a series of one binary value, from which parts are sliced without copying."""
    strays: int = 0
    """Bytes that did not fit the encoding."""

    @property
    def full(self) -> bool:
        """Whether the block is as long as an event may be, so that an event without end has to be cut here."""
        return self.end - self.start >= LONGEST_EVENT

    def line_numbers(self, positions: Positions) -> Positions:
        """Line of the file (1-based) in which each position of ``data`` lies."""
        return np.searchsorted(self.lines, positions, side="right").astype(np.int64) - 1 + self.line

    def origin(self, positions: Positions) -> Positions:
        """Byte of the file for each position of ``data``."""
        if self.same:
            return positions + self.start
        index = np.searchsorted(self.lines, positions, side="right") - 1
        result = self.origins[index]
        within = positions - self.lines[index]
        for i in np.flatnonzero(within).tolist():
            at = int(positions[i])
            if at >= len(self.data):
                result[i] = self.end
                continue
            text = self.data[int(self.lines[index[i]]) : at].decode("utf-8", "replace")
            # every stand-in of a stray byte in a UTF-8 log is one byte of the file
            result[i] += _encoded_length(text, self.encoding)
        return result

    def strings(self, starts: Positions, lengths: Positions | int) -> pl.Series:
        """Text of the given parts of ``data``; parts must not cut a character."""
        return self.binaries(starts, lengths).cast(pl.String)

    def heads(self, starts: Positions, length: int) -> pl.Series:
        """The line part that begins at each position, at most ``length`` bytes, a cut character dropped."""
        ends = np.append(self.lines, len(self.data))[np.searchsorted(self.lines, starts, side="right")]
        sizes = np.minimum(ends - starts, length)
        cut = starts + sizes
        array = np.frombuffer(self.data, np.uint8)
        for _ in range(3):
            inside = cut < len(array)
            partial = np.zeros(len(cut), bool)
            partial[inside] = (array[cut[inside]] & 0xC0) == 0x80
            if not partial.any():
                break
            cut = np.where(partial, cut - 1, cut)
        return self.strings(starts, np.maximum(cut - starts, 0))

    def binaries(self, starts: Positions, lengths: Positions | int) -> pl.Series:
        """Bytes of the given parts of ``data`` without copying them."""
        whole = self.whole.new_from_index(0, len(starts))
        frame = pl.DataFrame({"whole": whole, "start": pl.Series(starts, dtype=pl.Int64)})
        length = pl.lit(lengths) if isinstance(lengths, int) else pl.Series(lengths, dtype=pl.Int64)
        return frame.select(pl.col("whole").bin.slice(pl.col("start"), length)).to_series()


def _encoded_length(text: str, encoding: Encoding) -> int:
    if encoding.name != "utf-8":
        return len(text.encode(encoding.name, "replace"))
    # a stray byte was one byte of the file whatever its stand-in takes in UTF-8; which ones were strays is not kept,
    # so this holds for positions in lines without strays, and errs by a byte or two in lines with some
    return len(text.encode("utf-8"))


class TextFile:
    """A text log opened for reading, block by block."""

    def __init__(self, opened: Opened) -> None:
        """Open the file and settle its encoding. Raises OSError."""
        self._name = opened.name
        self._file: BinaryIO = opened.path.open("rb", buffering=0)
        self.size = self._file.seek(0, 2)
        sample = self.bytes_at(0, 65536)
        self.encoding = encodings.stated(opened.encoding, sample) if opened.encoding else encodings.detect(self._samples(sample))

    def _samples(self, head: bytes) -> bytes:
        """The file's start, middle and end: a code page may show only late."""
        if self.size <= len(head):
            return head
        sample = self.bytes_at(0, 1 << 20)
        if self.size > 4 << 20:
            for place in (self.size // 2, self.size - (1 << 19)):
                part = self.bytes_at(place - place % 2, 1 << 19)
                # begin and end at a line so that no character is cut
                first, last = part.find(b"\n") + 1, part.rfind(b"\n")
                sample = sample[: sample.rfind(b"\n") + 1] + part[first : max(first, last)]
        return sample

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def bytes_at(self, start: int, length: int) -> bytes:
        """Bytes of the file from ``start``; fewer where the file ends. Raises OSError."""
        self._file.seek(start)
        parts: list[bytes] = []
        while length > 0:
            part = self._file.read(length)
            if not part:
                break
            parts.append(part)
            length -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def block(self, start: int, end: int, line: int) -> Block:
        """The lines from ``start`` (a line's start) up to the last line end before ``end``; all of it when it holds no line end."""
        raw = self.bytes_at(start, end - start)
        if start + len(raw) < self.size and len(raw) == end - start:
            raw = self._to_last_line_end(raw)
        data, strays = encodings.to_utf8(raw, self.encoding)
        same = data is raw
        array = np.frombuffer(data, np.uint8)
        ends = np.flatnonzero(array == 10).astype(np.int64) + 1
        lines = np.concatenate((np.zeros(1, np.int64), ends[ends < len(data)]))
        if same:
            origins = lines + start
        elif self.encoding.unit == 2:
            newline = 10 if self.encoding.name.endswith("le") else 2560
            units = np.frombuffer(raw[: len(raw) // 2 * 2], "<u2")
            original = (np.flatnonzero(units == newline).astype(np.int64) + 1) * 2
            origins = np.concatenate((np.zeros(1, np.int64), original))[: len(lines)] + start
        else:
            original = np.flatnonzero(np.frombuffer(raw, np.uint8) == 10).astype(np.int64) + 1
            origins = np.concatenate((np.zeros(1, np.int64), original))[: len(lines)] + start
        return Block(data, lines, origins, start, start + len(raw), line, self.encoding, same, pl.Series([data], dtype=pl.Binary), strays)

    def _to_last_line_end(self, raw: bytes) -> bytes:
        if self.encoding.unit == 1:
            last = raw.rfind(b"\n")
            if last >= 0:
                return raw[: last + 1]
            # no line end at all: at least do not cut a UTF-8 character
            cut = len(raw)
            while self.encoding.name == "utf-8" and cut > 0 and len(raw) - cut < 4 and raw[cut - 1] & 0xC0 == 0x80:
                cut -= 1
            return raw[: cut - 1] if cut > 1 and cut - 1 < len(raw) and raw[cut - 1] >= 0xC0 else raw
        newline = "\n".encode(self.encoding.name)
        last = raw.rfind(newline)
        while last >= 0 and last % 2:
            last = raw.rfind(newline, 0, last + 1)
        if last >= 0:
            return raw[: last + 2]
        whole = raw[: len(raw) // 2 * 2]
        # no line end at all: at least do not part a surrogate pair
        high = whole[-1:] if self.encoding.name.endswith("le") else whole[-2:-1]
        return whole[:-2] if len(whole) > 2 and high and 0xD8 <= high[0] <= 0xDB else whole

    def count_lines(self, start: int, end: int) -> int:
        """Line ends between two bytes of the file."""
        total = 0
        newline = 10 if self.encoding.name != "utf-16-be" else 2560
        while start < end:
            raw = self.bytes_at(start, min(8 << 20, end - start))
            if not raw:
                break
            if self.encoding.unit == 2:
                total += int(np.count_nonzero(np.frombuffer(raw[: len(raw) // 2 * 2], "<u2") == newline))
            else:
                total += int(np.count_nonzero(np.frombuffer(raw, np.uint8) == 10))
            start += len(raw)
        return total


def pieces(text: TextFile, starts: Callable[[Block], Positions]) -> tuple[FileSpan, ...]:
    """Cut a log into runs that each begin where an event begins, so that every event lies whole in one of them.

    ``starts`` gives the positions of a block's data at which events start for certain.
    """
    begin, line = text.encoding.mark, 1
    found: list[FileSpan] = []
    place = begin + PIECE
    while place < text.size - PIECE // 4:
        border = _border(text, place - place % 2 + begin % 2, starts)
        if border is None:
            place += PIECE
            continue
        found.append(FileSpan(begin, border, line))
        line += text.count_lines(begin, border)
        begin = border
        place = begin + PIECE
    found.append(FileSpan(begin, text.size, line))
    return tuple(found)


def _border(text: TextFile, place: int, starts: Callable[[Block], Positions]) -> int | None:
    """First byte from ``place`` on at which an event starts, within one piece; None when there is none."""
    size = 1 << 18
    at = place
    while at < min(place + PIECE, text.size):
        block = text.block(at, min(at + size, text.size), 1)
        if not block.data:
            return None
        if len(block.lines) > 1:
            if at == place:
                # the first line is only the rest of one
                block = text.block(int(block.origins[1]), block.end, 1)
            certain = starts(block)
            if len(certain):
                return int(block.origin(certain[:1])[0])
        at = block.end
    return None


def walk(text: TextFile, piece: FileSpan) -> Iterator[tuple[Block, bool, list[int]]]:
    """Blocks over a piece. Each comes with whether it is the piece's last, and a list into which the reader puts the position of
    ``data`` from which it wants to see the text again, together with what follows (an event that may go on).
    """
    at, size = piece.start, BLOCK
    if text.encoding.unit == 2 and (at - text.encoding.mark) % 2:
        at += 1
    line = piece.line or 1 + text.count_lines(text.encoding.mark, at)
    while at < piece.end:
        end = min(at + size, piece.end)
        block = text.block(at, end, line)
        if not block.data:
            raise _shorter(at)
        last = block.end >= piece.end or block.end >= text.size
        again: list[int] = []
        if not last and len(block.lines) == 1 and not block.full and not block.data.endswith(b"\n"):
            size *= 2
            continue
        yield block, last, again
        if last:
            break
        if again and again[0] <= 0 and not block.full:
            size *= 2
            continue
        size = BLOCK
        if again and again[0] > 0:
            position = np.array(again[:1], np.int64)
            at = int(block.origin(position)[0])
            line = int(block.line_numbers(position)[0])
        else:
            line += len(block.lines) if block.data.endswith(b"\n") else len(block.lines) - 1
            at = block.end
    if piece.end > text.size:
        raise _shorter(text.size)


def _shorter(at: int) -> OSError:
    return OSError(f"the file became shorter while it was read: nothing is left from byte {at} on")


def stray_problem(name: str, block: Block) -> Problem:
    """What to tell about bytes that do not fit the encoding."""
    count = f"{block.strays} bytes are" if block.strays > 1 else "1 byte is"
    return Problem(
        name,
        f"lines {block.line} to {block.line + len(block.lines) - 1}",
        f"{count} not {block.encoding.name}; shown as the most likely characters. If names look wrong, open the file with another encoding.",
        notice=True,
    )


def settled(opened: Opened, text: TextFile) -> Opened:
    """The file as opened, with its encoding filled in."""
    return replace(opened, encoding=text.encoding.name)


def raw_text(path: Path, offset: int, length: int, encoding: str) -> str:
    """Text of a run of bytes. Raises OSError, and ValueError when the file no longer reaches that far."""
    with path.open("rb") as file:
        file.seek(offset)
        raw = file.read(length)
    if length and not raw:
        message = f"{path.name} is shorter than when it was opened: nothing is left at byte {offset}"
        raise ValueError(message)
    return encodings.to_utf8(raw, Encoding(encoding or "utf-8"))[0].decode("utf-8", "replace")

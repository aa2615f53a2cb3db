"""A format whose files tell the reader what to do to its process: for tests of what survives."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Literal

import polars as pl

from inspector.events import Problem
from inspector.formats.base import Batch, FileSpan, Opened, Prepared, ProgressMark

LINE = 16
"""Bytes of a line: a word, padded, and a line feed."""
HEAD = b"#misbehaving".ljust(LINE - 1) + b"\n"
BATCH = 1024


def line(word: str) -> bytes:
    return word.encode().ljust(LINE - 1) + b"\n"


def content(words: Sequence[str], title: bytes = HEAD) -> bytes:
    return title + b"".join(line(word) for word in words)


class Misbehaving:
    name = "misbehaving"
    title = "Misbehaving"
    recognised_by = "its first line"
    extensions: Sequence[str] = (".mis",)
    position_word: Literal["record", "line"] = "line"
    splittable = True
    careful = False
    """Whether it has another way to read, in which nothing happens."""
    head = HEAD

    def sniff(self, head: bytes, name: str) -> int:
        del name
        return 90 if head.startswith(self.head) else 0

    def prepare(self, opened: Opened) -> Prepared:
        size = opened.path.stat().st_size
        step = 2 * 1024 * 1024
        pieces = tuple(FileSpan(start, min(start + step, size)) for start in range(0, size, step))
        return Prepared(opened, pieces, splittable=self.splittable, careful=self.careful)

    def read(self, opened: Opened, piece: FileSpan) -> Iterator[Batch | Problem | ProgressMark]:
        with opened.path.open("rb") as stream:
            first = max(-(-piece.start // LINE), 1)
            last = -(-piece.end // LINE)
            stream.seek(first * LINE)
            at = first
            if b"tell" in stream.read(LINE):
                for number in range(2_500):
                    yield Problem(opened.name, f"place {number}", "made up", 2)
            stream.seek(first * LINE)
            while at < last:
                words = [stream.read(LINE).decode().strip() for _ in range(min(BATCH, last - at))]
                for word in words:
                    if word and not opened.careful:
                        self.act(word)
                places = [at + number for number in range(len(words)) if words[number]]
                yield Batch(
                    pl.DataFrame(
                        {
                            "position": places,
                            "offset": [place * LINE for place in places],
                            "length": [LINE] * len(places),
                            "message": [word for word in words if word],
                        },
                        schema_overrides={"position": pl.Int64, "offset": pl.Int64, "length": pl.Int64, "message": pl.String},
                    )
                )
                at += len(words)
                yield ProgressMark(at * LINE)

    def act(self, word: str) -> None:
        match word:
            case "abort":
                os.abort()
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "exit":
                os._exit(3)
            case "loop":
                while True:
                    time.sleep(0.01)
            case "reach":
                socket.create_connection(("192.0.2.1", 80), timeout=0.01)
            case "raise":
                raise RuntimeError("made up")
            case "hunger":
                _ = [bytearray(1 << 26) for _ in range(1 << 10)]
            case "vanish":
                raise FileNotFoundError(2, "No such file or directory")

    def raw(self, opened: Opened, offset: int, length: int) -> str:
        with opened.path.open("rb") as stream:
            stream.seek(offset)
            text = stream.read(length).decode().strip()
        if not text:
            raise ValueError("the file is shorter now")
        if not (self.careful and opened.careful):
            self.act(text.removeprefix("show-"))
        return text

    def fields(self, raw: str) -> Sequence[tuple[str, str]]:
        return [("word", raw)]


class Whole(Misbehaving):
    """The same, in one piece that cannot be cut."""

    name = "whole"
    splittable = False
    head = b"#whole".ljust(LINE - 1) + b"\n"


class Cautious(Misbehaving):
    """The same, with another way to read."""

    name = "cautious"
    careful = True
    head = b"#cautious".ljust(LINE - 1) + b"\n"


FORMATS = (Misbehaving(), Whole(), Cautious())

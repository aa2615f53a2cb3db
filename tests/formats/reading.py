"""Reads a file with a format as the program does, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from inspector.events import Problem
from inspector.formats import FORMATS
from inspector.formats.base import CODED, FRAME_SCHEMA, SNIFF_BYTES, Batch, Format, Opened, Prepared

YEAR = 2024


@dataclass(frozen=True, slots=True)
class Read:
    """What came out of a file."""

    format: Format
    prepared: Prepared
    frame: pl.DataFrame
    """All columns of the schema."""
    problems: tuple[Problem, ...]

    def raw(self, row: int) -> str:
        """The raw text of a row."""
        return self.format.raw(self.prepared.opened, self.frame["offset"][row], self.frame["length"][row])


def best(head: bytes, name: str = "log") -> Format:
    """The format that is surest of a file's start."""
    return max(FORMATS, key=lambda format_: format_.sniff(head[:SNIFF_BYTES], name))


def by_module(module: str) -> Format:
    """The format that a module defines."""
    found = [format_ for format_ in FORMATS if _module_of(format_) == module]
    assert len(found) == 1, module
    return found[0]


def _module_of(format_: Format) -> str:
    import inspector.formats as package

    for name in dir(package):
        if getattr(package, name) is format_:
            return name.lower()
    return ""


def read(path: Path, format_: Format | None = None, encoding: str = "") -> Read:
    """Read a whole file, piece by piece."""
    chosen = format_ if format_ is not None else best(path.read_bytes()[:SNIFF_BYTES], path.name)
    prepared = chosen.prepare(Opened(path, path.name, encoding=encoding, now_year=YEAR))
    frames: list[pl.DataFrame] = []
    problems = list(prepared.problems)
    for piece in prepared.pieces:
        for item in chosen.read(prepared.opened, piece):
            if isinstance(item, Batch):
                assert set(item.frame.columns) <= set(FRAME_SCHEMA)
                for name, series in item.frame.to_dict().items():
                    coded = name in CODED and isinstance(series.dtype, pl.Enum)
                    assert coded or series.dtype == FRAME_SCHEMA[name], (name, series.dtype)
                missing = [pl.lit(None, dtype).alias(name) for name, dtype in FRAME_SCHEMA.items() if name not in item.frame.columns]
                frames.append(item.frame.with_columns(missing).select([pl.col(name).cast(dtype) for name, dtype in FRAME_SCHEMA.items()]))
            elif isinstance(item, Problem):
                problems.append(item)
    return Read(chosen, prepared, pl.concat(frames) if frames else pl.DataFrame(schema=FRAME_SCHEMA), tuple(problems))

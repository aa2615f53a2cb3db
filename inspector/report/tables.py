"""Rows of the event table as CSV, JSON lines, ECS-shaped NDJSON or Parquet: exactly the rows asked for, in their order."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TextIO

import polars as pl

from inspector.events import Flags, Level, MessageFrom, TimeBasis
from inspector.report.base import iso
from inspector.report.redaction import Redactor
from inspector.workspace import Workspace

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

DEFAULT_COLUMNS: Final = ("time", "level", "provider", "event_id", "channel", "computer", "user", "source", "position", "message")
"""What is exported unless the person chooses."""

EXPORT_COLUMNS: Final = (*DEFAULT_COLUMNS, "task", "keywords", "activity", "time_basis", "message_from", "flags", "offset", "length")
"""Every column that can be exported."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it is exported: plain values by column name, in the columns' order."""

    values: dict[str, str | int | None]
    time: datetime | None


def defuse(cell: str) -> str:
    """A cell that a spreadsheet shows and never runs: a leading quote where it would begin a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def rows_of(frames: Iterable[pl.DataFrame], columns: Sequence[str], names: dict[int, str], redactor: Redactor) -> Iterator[Row]:
    """Rows of the store's frames with every text redacted. ``names``: source number to display name."""
    for frame in frames:
        for record in frame.iter_rows(named=True):
            micros = record.get("time")
            time = None if micros is None else _EPOCH + timedelta(microseconds=micros)
            yield Row({column: _value(column, record.get(column), time, names, redactor) for column in columns}, time)


def _value(column: str, value: object, time: datetime | None, names: dict[int, str], redactor: Redactor) -> str | int | None:
    if column == "time":
        return None if time is None else iso(time)
    if column == "level":
        return Level(int(str(value or 0))).title
    if column == "time_basis":
        return TimeBasis(int(str(value or 0))).name.lower()
    if column == "message_from":
        return MessageFrom(int(str(value or 0))).name.lower()
    if column == "flags":
        return " ".join(flag.name.lower() for flag in Flags(int(str(value or 0))) if flag.name)
    if column == "source":
        return redactor.redact(names.get(int(str(value or 0)), ""))
    if value is None or isinstance(value, int):
        return value
    return redactor.redact(str(value))


def write_csv(rows: Iterable[Row], columns: Sequence[str], out: TextIO) -> int:
    """RFC 4180 with CRLF and a byte order mark, as Excel reads it; returns the rows written."""
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for row in rows:
        writer.writerow(
            ["" if (cell := row.values[column]) is None else defuse(cell) if isinstance(cell, str) else cell for column in columns]
        )
        count += 1
    return count


def write_json_lines(rows: Iterable[Row], out: TextIO) -> int:
    """One JSON object a line, absent values left out; returns the rows written."""
    count = 0
    for row in rows:
        out.write(json.dumps({name: value for name, value in row.values.items() if value is not None}, ensure_ascii=False) + "\n")
        count += 1
    return count


_ECS_LEVELS: Final = {level.title: level.name.lower() for level in Level}


def ecs_document(row: Row) -> dict[str, object]:
    """One row in the names of the Elastic Common Schema 8, with what Timesketch asks for (``datetime``, ``timestamp_desc``, ``message``)."""
    values = row.values
    document: dict[str, object] = {"message": values.get("message") or ""}
    if row.time is not None:
        document["@timestamp"] = iso(row.time)
        document["datetime"] = iso(row.time)
        document["timestamp_desc"] = "Event Logged"
    for name, target in (
        ("event_id", "event.code"),
        ("provider", "event.provider"),
        ("channel", "winlog.channel"),
        ("computer", "host.name"),
        ("user", "user.name"),
        ("task", "winlog.task"),
        ("activity", "winlog.activity_id"),
        ("source", "log.file.path"),
        ("position", "event.sequence"),
    ):
        value = values.get(name)
        if value is not None and value != "":
            document[target] = str(value) if target == "event.code" else value
    level = values.get("level")
    if isinstance(level, str):
        document["log.level"] = _ECS_LEVELS.get(level, "unknown")
        if level.startswith("Audit"):
            document["event.outcome"] = "success" if level.endswith("success") else "failure"
    if values.get("keywords"):
        document["winlog.keywords"] = [values["keywords"]]
    return document


ECS_COLUMNS: Final = (
    "time",
    "level",
    "provider",
    "event_id",
    "channel",
    "computer",
    "user",
    "source",
    "position",
    "message",
    "task",
    "keywords",
    "activity",
)
"""Columns that ``ecs_document`` reads."""


def write_ecs(rows: Iterable[Row], out: TextIO) -> int:
    """One ECS document a line, as Filebeat, Elasticsearch's bulk loaders and Timesketch take it; returns the rows written."""
    count = 0
    for row in rows:
        out.write(json.dumps(ecs_document(row), ensure_ascii=False) + "\n")
        count += 1
    return count


_PARQUET_TYPES: Final[dict[str, pl.DataType]] = {
    "time": pl.Datetime("us", "UTC"),
    "event_id": pl.Int64(),
    "position": pl.Int64(),
    "offset": pl.Int64(),
    "length": pl.Int64(),
}
_PARQUET_BATCH: Final = 20_000


def write_parquet(rows: Iterable[Row], columns: Sequence[str], path: Path) -> int:
    """Parquet with zstd; ``time`` a UTC timestamp, numbers 64 bit, the rest text. Memory stays bounded; returns the rows written."""
    schema = {column: _PARQUET_TYPES.get(column, pl.String()) for column in columns}
    count = 0
    with errors_of_the_system(), Workspace() as workspace:
        parts: list[Path] = []
        batch: list[dict[str, object]] = []

        def flush() -> None:
            part = workspace.path / f"{len(parts):06d}.arrow"
            pl.DataFrame(batch, schema=schema).write_ipc(part)
            parts.append(part)
            batch.clear()

        for row in rows:
            batch.append({**row.values, "time": row.time} if "time" in schema else dict(row.values))
            count += 1
            if len(batch) >= _PARQUET_BATCH:
                flush()
        if batch or not parts:
            flush()
        pl.scan_ipc(parts).sink_parquet(path, compression="zstd")
    return count


_SYSTEM_ERROR: Final = re.compile(r"\(os error (\d+)\)")


@contextlib.contextmanager
def errors_of_the_system() -> Iterator[None]:
    """An error of the system that polars wraps into one of its own comes out as what it is. Raises OSError."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        number = _SYSTEM_ERROR.search(str(error))
        if number is None:
            raise
        raise OSError(int(number[1]), os.strerror(int(number[1]))) from error


def text_table(rows: Sequence[Row], columns: Sequence[str], width: int) -> str:
    """Rows as plain text columns for a terminal ``width`` characters wide; the last column gets what is left, on one line."""
    cells = [[_one_line("" if row.values[column] is None else str(row.values[column])) for column in columns] for row in rows]
    headings = [column.replace("_", " ").capitalize() for column in columns]
    widths = [max([len(heading), *(len(line[number]) for line in cells)]) for number, heading in enumerate(headings)]
    widths = [min(one, 28) for one in widths[:-1]] + [max(20, width - sum(min(one, 28) + 2 for one in widths[:-1]))]
    out = io.StringIO()
    for line in [headings, *cells]:
        out.write("  ".join(_fit(cell, size) for cell, size in zip(line, widths, strict=True)).rstrip() + "\n")
    return out.getvalue()


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text.replace("\r\n", " ").replace("\n", " ")).strip()


def _fit(text: str, size: int) -> str:
    return text.ljust(size) if len(text) <= size else text[: size - 1] + "…"

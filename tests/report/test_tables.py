"""Exports of rows hold exactly the rows given, defused and redacted, and read back equal."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from inspector.events import Level
from inspector.report.redaction import Redactor
from inspector.report.tables import (
    DEFAULT_COLUMNS,
    ECS_COLUMNS,
    Row,
    defuse,
    rows_of,
    text_table,
    write_csv,
    write_ecs,
    write_json_lines,
    write_parquet,
)

MOMENT = datetime(2026, 1, 26, 9, 21, 49, 5000, tzinfo=UTC)
MESSAGES = ["=cmd|' /C calc'!A0", 'two\r\nlines, "quoted"', "password=abc12", "@SUM(1)", "plain"]


def frame() -> pl.DataFrame:
    count = len(MESSAGES)
    return pl.DataFrame(
        {
            "row": list(range(count)),
            "time": [int(MOMENT.timestamp() * 1_000_000), None, *[int(MOMENT.timestamp() * 1_000_000)] * (count - 2)],
            "level": [int(Level.ERROR)] * count,
            "provider": ["Microsoft WSE 2.0"] * count,
            "event_id": [0, None, *[7] * (count - 2)],
            "channel": ["Application"] * count,
            "computer": ["WEB01"] * count,
            "user": [None] * count,
            "task": [""] * count,
            "keywords": [""] * count,
            "activity": [""] * count,
            "source": [1] * count,
            "position": list(range(1, count + 1)),
            "message": MESSAGES,
        },
    )


def rows(columns: tuple[str, ...] = DEFAULT_COLUMNS) -> list[Row]:
    return list(rows_of([frame()], columns, {1: "server.evtx"}, Redactor()))


def test_csv_is_defused_and_reads_back() -> None:
    out = io.StringIO()
    assert write_csv(rows(), DEFAULT_COLUMNS, out) == len(MESSAGES)
    text = out.getvalue()
    assert text.startswith("\ufefftime,level,")
    read = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [one["message"] for one in read] == ["'=cmd|' /C calc'!A0", MESSAGES[1], "password=[password-1]", "'@SUM(1)", "plain"]
    assert read[0]["time"] == "2026-01-26T09:21:49.005000Z"
    assert read[1]["time"] == ""
    assert read[0]["source"] == "server.evtx"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formula_starts_are_defused(start: str) -> None:
    assert defuse(f"{start}x") == f"'{start}x"
    assert defuse(f"x{start}") == f"x{start}"


def test_json_lines_leave_out_what_is_absent() -> None:
    out = io.StringIO()
    write_json_lines(rows(), out)
    documents = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(documents) == len(MESSAGES)
    assert documents[0]["message"] == MESSAGES[0]
    assert "time" not in documents[1]
    assert "event_id" not in documents[1]
    assert documents[2]["level"] == "Error"


def test_ecs_names() -> None:
    out = io.StringIO()
    write_ecs(rows(ECS_COLUMNS), out)
    first, second, *_ = [json.loads(line) for line in out.getvalue().splitlines()]
    assert first["@timestamp"] == "2026-01-26T09:21:49.005000Z"
    assert first["event.code"] == "0"
    assert first["log.level"] == "error"
    assert first["host.name"] == "WEB01"
    assert "@timestamp" not in second
    assert "event.code" not in second


def test_parquet_reads_back_with_polars_and_duckdb(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    assert write_parquet(rows(), DEFAULT_COLUMNS, path) == len(MESSAGES)
    read = pl.read_parquet(path)
    assert read.columns == list(DEFAULT_COLUMNS)
    assert read["time"].dtype == pl.Datetime("us", "UTC")
    assert read["time"].to_list() == [MOMENT, None, MOMENT, MOMENT, MOMENT]
    assert read["message"].to_list()[2] == "password=[password-1]"
    counted = duckdb.sql(f"select level, count(*) from '{path}' where event_id = 7 group by level")
    assert counted is not None
    assert counted.fetchall() == [("Error", 3)]


def test_parquet_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    assert write_parquet([], DEFAULT_COLUMNS, path) == 0
    assert pl.read_parquet(path).columns == list(DEFAULT_COLUMNS)


def test_table_keeps_every_row_on_one_line() -> None:
    lines = text_table(rows(), DEFAULT_COLUMNS, 160).splitlines()
    assert len(lines) == len(MESSAGES) + 1
    assert "two lines" in lines[2]

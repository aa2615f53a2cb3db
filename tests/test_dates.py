"""Dates in every layout of logs: the single reader and the column reader agree, and day and month are told apart on evidence only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector import dates

WALL = [
    ("26/01/2006 10.21.49", "2006-01-26T10:21:49", None),
    ("26/01/2006, 10.21.49", "2006-01-26T10:21:49", None),
    ("1/18/2016 12:00:00 AM", "2016-01-18T00:00:00", None),
    ("1/18/2016 12:00:00 PM", "2016-01-18T12:00:00", None),
    ("18/11/2010 05:57:17 p.m.", "2010-11-18T17:57:17", None),
    ("18/11/2010 05:57:17 p. m.", "2010-11-18T17:57:17", None),
    ("18/11/2010 05:57:17 a.m.", "2010-11-18T05:57:17", None),
    ("8/29/2023 8:37:02\u202fPM", "2023-08-29T20:37:02", None),
    ("15.09.2011 14:28:16", "2011-09-15T14:28:16", None),
    ("05.12.2022 9:47:57", "2022-12-05T09:47:57", None),
    ("14/03/2006 15:07", "2006-03-14T15:07:00", None),
    ("2021-12-25T07:33:18.1520009Z", "2021-12-25T07:33:18.152000", 0),
    ("2018-11-19 12:52:50.432-05:00", "2018-11-19T12:52:50.432000", -300),
    ("2026-01-11 22:34:03 +0200", "2026-01-11T22:34:03", 120),
    ("2006-01-26", "2006-01-26T00:00:00", None),
    ("Mon Mar 19 23:59:59 UTC 2018", "2018-03-19T23:59:59", 0),
    ("Tue Mar 20 05:29:59 IST 2018", "2018-03-20T05:29:59", None),
    ("Tue Mar 20 05:29:59 CEST 2018", "2018-03-20T05:29:59", 120),
    ("Tue, 20 Mar 2018 05:29:59 GMT", "2018-03-20T05:29:59", 0),
    ("20150604T232559Z", "2015-06-04T23:25:59", 0),
    ("0924 10:11:12.123456", "2020-09-24T10:11:12.123456", None),
    ("26/Jan/2006:10:21:49 +0100", "2006-01-26T10:21:49", 60),
    ("26-Jan-2006 10:21:49.123", "2006-01-26T10:21:49.123000", None),
    ("Jan  2 03:04:05", "2020-01-02T03:04:05", None),
    ("Jan 2, 2006 10:21:49 AM", "2006-01-02T10:21:49", None),
    ("Donnerstag, 26. Januar 2006 10:21:49", "2006-01-26T10:21:49", None),
    ("26 février 2006 10:21:49", "2006-02-26T10:21:49", None),
    ("11/19/22 10:11:12:123 CET", "2022-11-19T10:11:12.123000", 60),
    ("1563521234", "2019-07-19T07:27:14", 0),
    ("1563521234.5", "2019-07-19T07:27:14.500000", 0),
    ("1563521234567", "2019-07-19T07:27:14.567000", 0),
]

NO_DATES = [
    "",
    "[x]",
    "2006-02-30 10:00:00",
    "2006-13-01 10:00:00",
    "13:00:00 PM",
    "32/01/2006 10:00:00",
    "13/13/2006",
    "1/1/2006 13:00:00 PM",
    "٢٠٠٦-01-26",
    "9" * 60,
]


@pytest.mark.parametrize(("text", "wall", "offset"), WALL)
def test_layouts_are_read_alone_and_by_the_column(text: str, wall: str, offset: int | None) -> None:
    parsed = dates.parse_time(text, year=2020)
    assert parsed is not None
    assert (parsed.wall.isoformat(), parsed.ambiguous) == (wall, False)
    assert parsed.offset == (None if offset is None else timedelta(minutes=offset))
    column = dates.read_column(pl.Series(["x", text]), year=2020)
    assert column.valid.tolist() == [False, True]
    expected = parsed.utc or parsed.wall
    assert column.micros[1] == dates.micros_of(expected)
    assert bool(column.stated[1]) is (offset is not None)
    assert not column.ambiguous[1]


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.parse_time(text, year=2020) is None
    assert not dates.read_column(pl.Series([text]), year=2020).valid[0]


def test_day_and_month_that_nothing_tells_apart() -> None:
    parsed = dates.parse_time("7/6/2000 1:02:03 AM")
    assert parsed is not None
    assert (parsed.wall.month, parsed.wall.day, parsed.ambiguous) == (7, 6, True)
    assert (parsed.swapped.month, parsed.swapped.day) == (6, 7)
    settled = dates.parse_time("7/6/2000 1:02:03 AM", day_first=True)
    assert settled is not None
    assert (settled.wall.month, settled.wall.day, settled.ambiguous) == (6, 7, False)
    same = dates.parse_time("7/7/2000 1:02:03 AM")
    assert same is not None
    assert not same.ambiguous
    assert dates.read_column(pl.Series(["7/6/2000 1:02:03", "7/7/2000 1:02:03"])).ambiguous.tolist() == [True, False]
    assert dates.read_column(pl.Series(["7/6/2000 1:02:03", None]), day_first=True).ambiguous.tolist() == [False, False]


@pytest.mark.parametrize(
    ("texts", "language", "order", "words"),
    [
        (["1/2/2006", "26/01/2006 10.21.49"], "", True, "day first, as 26/01/2006 shows"),
        (["1/2/2006", "1/26/2006"], "de", False, "month first, as 1/26/2006 shows"),
        (["05.12.2022 9:47:57"], "", True, "day first, as dates with dots are written (05.12.2022)"),
        (["1/2/2006"], "it", True, "day first, as the log's labels are in Italian"),
        (["1/2/2006"], "en", None, "undecided: no date of the log has a part above 12; shown month first"),
        (["2/2/2006", "2006-01-26"], "", None, ""),
    ],
)
def test_order_is_decided_for_the_whole_log(texts: list[str], language: str, order: bool | None, words: str) -> None:
    assert dates.decide_order(texts, language) == dates.DateOrder(order, words)


def test_columns_of_the_event_table() -> None:
    time, basis = dates.read_column(pl.Series(["7/6/2000 1:02:03", None, "2000-01-01T00:00:00Z", "26/01/2006 10:00:00"])).columns()
    assert basis.to_list() == [3, 0, 1, 2]
    assert time.null_count() == 1
    assert time.dtype == pl.Int64


ISO = [
    ("2024-05-21 10:04:58,117 x", "2024-05-21T10:04:58.117000", False, 23),
    ("2024-05-21T10:04:58Z", "2024-05-21T10:04:58", True, 20),
    ("2024-05-21T10:04:58.1172649+02:00 ", "2024-05-21T08:04:58.117264", True, 33),
    ("2024-05-21 10:04:58.117 +0200]", "2024-05-21T08:04:58.117000", True, 29),
    ("2024/05/21 10:04:58 -1", "2024-05-21T10:04:58", False, 19),
    ("2024-05-21 10:04:58:003|", "2024-05-21T10:04:58.003000", False, 23),
    ("2024-02-29 23:59:60", "2024-03-01T00:00:00", False, 19),
]


@pytest.mark.parametrize(("text", "wall", "stated", "width"), ISO)
def test_iso_times_in_place(text: str, wall: str, stated: bool, width: int) -> None:
    data = np.frombuffer(b"....." + text.encode(), np.uint8)
    found = dates.iso_at(data, np.array([0, 5], np.int64))
    assert found.times.valid.tolist() == [False, True]
    moment = datetime.fromtimestamp(0, UTC).replace(tzinfo=None) + timedelta(microseconds=int(found.times.micros[1]))
    assert (moment.isoformat(), bool(found.times.stated[1]), int(found.widths[1])) == (wall, stated, width)


@given(st.datetimes(datetime(1700, 1, 1), datetime(9000, 1, 1)))  # noqa: DTZ001 - wall clock
def test_iso_reader_is_right_for_every_date(moment: datetime) -> None:
    text = moment.isoformat(sep=" ", timespec="microseconds")
    found = dates.iso_at(np.frombuffer(text.encode(), np.uint8), np.zeros(1, np.int64))
    assert found.times.valid[0]
    assert found.times.micros[0] == dates.micros_of(moment)


@given(st.binary(max_size=80))
def test_iso_reader_never_fails(data: bytes) -> None:
    starts = np.arange(len(data), dtype=np.int64)
    assert len(dates.iso_at(np.frombuffer(data, np.uint8), starts).widths) == len(data)


@given(st.text(max_size=60))
def test_readers_never_fail_and_agree(text: str) -> None:
    parsed = dates.parse_time(text, year=2020)
    column = dates.read_column(pl.Series([text]), year=2020)
    assert bool(column.valid[0]) is (parsed is not None)

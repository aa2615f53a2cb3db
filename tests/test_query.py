"""Tests of the filter language: what filters find, their mistakes, their English, their completion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.query import FIELDS, Chosen, Query, QueryError, as_expression, parse, place_at, quoted_value

ROWS: list[dict[str, Any]] = [
    {
        "message": "Token for Alice expired\nTargetUserName: alice\nLogon Type:\t\t3\nPath: C:\\temp",
        "provider": "Microsoft WSE 3.0",
        "event_id": 4625,
        "level": 2,
        "computer": "WEB01.corp.test",
        "user": "CORP\\alice",
        "channel": "Security",
        "source_name": "/logs/web01.evtx",
        "time": "2026-01-31T10:20:05",
        "activity": "d60016fb-0001",
        "position": 1,
        "flags": 8,
    },
    {
        "message": "<soap:Fault><faultcode>wsse:FailedAuthentication</faultcode></soap:Fault>",
        "provider": "System.ServiceModel 4.0",
        "event_id": 3,
        "level": 3,
        "computer": "APP02",
        "user": None,
        "channel": "Application",
        "source_name": "/logs/app02.evtx",
        "time": "2026-01-31T23:59:59.5",
        "activity": None,
        "position": 2,
        "flags": 3,
    },
    {
        "message": "authorization: Bearer eyJhbGciOiJub25lIn0.e30. (kein Fehler, größer)",
        "provider": None,
        "event_id": None,
        "level": 4,
        "computer": None,
        "user": "N/A",
        "channel": None,
        "source_name": "pasted text 1",
        "time": None,
        "activity": None,
        "position": 99,
        "flags": 4,
    },
]
SCHEMA = {
    "message": pl.String,
    "provider": pl.String,
    "event_id": pl.Int64,
    "level": pl.UInt8,
    "computer": pl.String,
    "user": pl.String,
    "channel": pl.String,
    "source_name": pl.String,
    "time": pl.Int64,
    "activity": pl.String,
    "position": pl.Int64,
    "flags": pl.UInt16,
    "task": pl.String,
    "keywords": pl.String,
}


def table() -> pl.DataFrame:
    def micros(text: str | None) -> int | None:
        return None if text is None else round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000_000)

    rows = [{**row, "time": micros(row["time"]), "task": None, "keywords": None} for row in ROWS]
    return pl.DataFrame(rows, schema=SCHEMA).with_row_index("row")


CHOSEN = {"cause": [0], "bookmark": [1, 2], "note": [], "finding": [0, 1]}


def chosen(leaf: Chosen) -> pl.Expr:
    return pl.col("row").is_in(CHOSEN.get(leaf.kind, []))


def found(text: str) -> list[int]:
    return table().filter(as_expression(parse(text).condition, chosen))["row"].to_list()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", [0, 1, 2]),
        ("  ", [0, 1, 2]),
        ("alice", [0]),
        ("ALICE", [0]),
        ("4625", [0]),
        ("web01", [0]),
        ("GRÖSSER", []),
        ("GRÖßER", [2]),
        ('"for alice"', [0]),
        ('"for  alice"', []),
        ("token alice", [0]),
        ("alice OR bearer", [0, 2]),
        ("alice or bearer", []),
        ("-alice", [1, 2]),
        ("NOT alice", [1, 2]),
        ("-(alice OR bearer)", [1]),
        ("alice OR bearer -fehler", [0]),
        ("(alice OR bearer) -fehler", [0]),
        ("alice AND expired", [0]),
        ("/ali.e expired/", [0]),
        ("/ALI.E/", [0]),
        ("/(?-i)ALI.E/", []),
        ("/fault(code|string)/", [1]),
        ("wsse:failedauthentication", [1]),
        ("level:error", [0]),
        ("level:error,warning", [0, 1]),
        ("level:>=warning", [0, 1]),
        ("level:info", [2]),
        ("-level:info", [0, 1]),
        ("source:wse", [0]),
        ("source:*wse*", [0]),
        ("source:*wse", []),
        ("source:Microsoft?WSE*", [0]),
        ('source:="microsoft wse 3.0"', [0]),
        ("source:=wse", []),
        ('source:=""', [2]),
        ("provider:/^sys/", [1]),
        ("id:4625", [0]),
        ("id:3,4625", [0, 1]),
        ("id:1..100", [1]),
        ("id:>3", [0]),
        ("id:>=3", [0, 1]),
        ("id:46*", [0]),
        ("-id:3", [0, 2]),
        ("host:web01", [0]),
        ("host:WEB01*", [0]),
        ("user:corp\\alice", [0]),
        ("file:*.evtx", [0, 1]),
        ("channel:security", [0]),
        ("activity:d60016fb", [0]),
        ("record:2", [1]),
        ("record:50..100", [2]),
        ("time:2026-01-31", [0, 1]),
        ("time:>2026-01-31T10:20", [1]),
        ("time:>=2026-01-31T10:20", [0, 1]),
        ("time:<2026-01-31T10:20:06", [0]),
        ("time:<=2026-01-31T10:20:05", [0]),
        ("time:2026-01-31T11:20:05+01:00", [0]),
        ("time:2026-01-31T10..2026-01-31T11", [0]),
        ("time:10:20..10:25", [0]),
        ("time:10:20:05", [0]),
        ("time:23:59:59.5", [1]),
        ("time:22:00..04:00", [1]),
        ("time:>12:00", [1]),
        ("-time:>12:00", [0, 2]),
        ("cause:expired", [0]),
        ("-cause:expired", [1, 2]),
        ("has:bookmark", [1, 2]),
        ("has:note", []),
        ("finding:F1", [0, 1]),
        ("has:stack", [0]),
        ("has:xml", [1]),
        ("has:time", [0, 1]),
        ("has:fault", [1]),
        ("has:token", [2]),
        ("token:jwt", [2]),
        ("token:saml", []),
        ("fault:FailedAuthentication", [1]),
        ("fault:failed*", [1]),
        ("fault:Authentication", []),
        ("data.TargetUserName:alice", [0]),
        ("data.TargetUserName:ali", [0]),
        ("data.TargetUserName:=ali", []),
        ("data.TargetUserName:=ALICE", [0]),
        ("data.TargetUserName:al*e", [0]),
        ("data.targetusername:/^?ali/", [0]),
        ("data.TargetUserName:bob", []),
        ('data."Logon Type":3', [0]),
        ("data.Path:=C:\\temp", [0]),
        ("http://x/y", []),
        ("50%", []),
        ("a.b*c", []),
    ],
)
def test_rows_that_a_filter_finds(text: str, rows: list[int]) -> None:
    assert found(text) == rows


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("time:11:20..11:25", [0]),
        ("time:10:20..10:25", []),
        ("time:2026-02-01", [1]),
        ("time:>=2026-01-31T11:20:05", [0, 1]),
        ("time:>2026-01-31T11:20:05", [1]),
        ("time:2026-01-31T10:20:05Z", [0]),
        ("time:00:59..01:00", [1]),
    ],
)
def test_times_are_meant_in_the_zone_that_is_shown(text: str, rows: list[int]) -> None:
    query = parse(text, timedelta(hours=1))
    assert table().filter(as_expression(query.condition, chosen))["row"].to_list() == rows
    assert ("(UTC+01:00)" in query.english) is not text.endswith("Z")


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("levle:error", "levle:", "there is no field “levle”; did you mean level: ? (a phrase in quotes is looked for as it is)"),
        ("alice level:eror", "eror", None),
        ("id:4625,abc", "abc", "“abc” is no number"),
        ("a OR", "OR", "something to look for is missing after OR"),
        ("OR a", "OR", "something to look for is missing before OR"),
        ("(a b", "(", "this bracket is not closed"),
        ("a b)", ")", "this bracket closes nothing"),
        ("a ()", "()", "there is nothing between the brackets"),
        ('"abc', '"abc', "this quotation mark is not closed"),
        ('a ""', '""', "there is nothing between the quotation marks"),
        ("x /(a/", "/(a/", "this is no regular expression: unclosed group"),
        ("/(a", "/(a", "this expression is not closed with a slash"),
        ("time:yesterday", "yesterday", "“yesterday” is no time; write 2026-01-31, 2026-01-31T10:20:05 or 10:20"),
        ("time:2026-02-30", "2026-02-30", "“2026-02-30” is no date of the calendar"),
        ("time:10:20..2026-01-01", "10:20..2026-01-01", "both ends of a time range are dates, or both are times of day"),
        ("time:25:00", "25:00", "“25:00” is no time of day"),
        ("level:", "level:", "a value is missing after level:"),
        ("id:1, x", "id:1,", "a value is missing after id:"),
        ("has:nothing", "nothing", None),
        ("token:nothing", "nothing", None),
        (
            "level:>=audit_failure",
            ">=audit_failure",
            "“audit_failure” is no step of severity; use >= with critical, error, warning, information or verbose",
        ),
        ("(" * 60 + "a" + ")" * 60, "(", "too many brackets inside each other"),
    ],
)
def test_mistakes_are_shown_at_their_place(text: str, place: str, message: str | None) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert text[caught.value.start : caught.value.end] == place
    if message is not None:
        assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("", "All events."),
        ("alice", "Events that contain “alice”."),
        ("-alice", "Events that do not contain “alice”."),
        ("level:error,warning", "Events of level error or warning."),
        ("-level:error,warning", "Events not of level error or warning."),
        ("id:4625,4700..4800", "Events whose event ID is 4625 or from 4700 to 4800."),
        ("alice level:error", "Events that contain “alice” and of level error."),
        ("(a OR b) -/x+/", "Events (that contain “a” or that contain “b”) and that do not match /x+/."),
        ("-(a b)", "Events that do not contain “a” or that do not contain “b”."),
        ("cause:expired -has:note", "Events with cause “expired” and without a note."),
        ("time:10:20..10:25", "Events from 10:20 to 10:25 (UTC)."),
        ("data.User:al*", "Events whose field User is like “al*”."),
        ('source:="A B"', "Events whose provider is “A B”."),
    ],
)
def test_a_filter_reads_as_a_sentence(text: str, english: str) -> None:
    assert parse(text).english == english


@pytest.mark.parametrize(
    ("text", "cursor", "kind", "field", "prefix", "span"),
    [
        ("", 0, "field", None, "", (0, 0)),
        ("lev", 3, "field", None, "lev", (0, 3)),
        ("alice lev", 9, "field", None, "lev", (6, 9)),
        ("-lev", 4, "field", None, "lev", (1, 4)),
        ("level:", 6, "value", "level", "", (6, 6)),
        ("level:er", 8, "value", "level", "er", (6, 8)),
        ("level:error,wa", 14, "value", "level", "wa", (12, 14)),
        ("(level:er", 9, "value", "level", "er", (7, 9)),
        ("nofield:x", 9, "field", None, "nofield:x", (0, 9)),
    ],
)
def test_what_can_be_completed(text: str, cursor: int, kind: str, field: str | None, prefix: str, span: tuple[int, int]) -> None:
    place = place_at(text, cursor)
    assert (place.kind, place.field.name if place.field else None, place.prefix, (place.start, place.end)) == (kind, field, prefix, span)


@pytest.mark.parametrize(
    "value", ["plain", "two words", 'with "quotes"', "a,b", "(x)", "/x/", "", "=x", "-x", "*", "<5", "back\\slash", "end\\"]
)
def test_a_quoted_value_finds_exactly_that_value(value: str) -> None:
    expression = as_expression(parse(f"source:{quoted_value(value)}").condition, chosen)
    frame = pl.DataFrame({"provider": [value, value + "x", "x" + value]}, schema={"provider": pl.String})
    assert frame.filter(expression)["provider"].to_list() == [value]


def test_every_field_has_an_example_or_choices_that_can_be_read() -> None:
    for field in FIELDS:
        for text in [field.example, *(f"{field.name}:{choice}" for choice in field.choices)]:
            if text:
                assert parse(text).english != "All events."


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_mistake_with_a_place(text: str) -> None:
    query: Query | None = None
    mistake: QueryError | None = None
    try:
        query = parse(text)
    except QueryError as error:
        mistake = error
    if mistake is not None:
        assert 0 <= mistake.start <= mistake.end <= max(len(text), 1)
    assert query is None or query.english.endswith(".")
    if query is not None:
        table().filter(as_expression(query.condition, chosen))


@given(st.text(alphabet='ab:"/()-,*?=<>. OR\\', max_size=40), st.integers(0, 45))
def test_completion_never_fails(text: str, cursor: int) -> None:
    place = place_at(text, cursor)
    assert 0 <= place.start <= place.end <= len(text)


@given(st.text(min_size=1, max_size=12))
def test_a_phrase_is_found_in_itself(text: str) -> None:
    quoted = '"' + text.replace('"', '\\"') + '"'
    frame = pl.DataFrame({"message": [f"<{text}>", "§"]})
    columns = {name: pl.Series(name, [None, None], dtype=SCHEMA[name]) for name in SCHEMA if name != "message"}
    rows = frame.with_columns(**columns).with_row_index("row").filter(as_expression(parse(quoted).condition, chosen))["row"].to_list()
    assert 0 in rows

"""What the kinds read with: dates, base64, JSON, masks, and whose envelope an element stands in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.tokens.reading.carried_xml import carried_documents
from inspector.tokens.reading.encodings import decode_base64, decode_base64url, decode_json_object, encode_base64url, fingerprint, masked
from inspector.tokens.reading.instants import read_date_time, read_numeric_date, written


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-31T10:21:49Z", datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC)),
        (" 2026-01-31T10:21:49.1234567Z\n", datetime(2026, 1, 31, 10, 21, 49, 123456, tzinfo=UTC)),
        ("2026-01-31T10:21:49+05:30", datetime(2026, 1, 31, 4, 51, 49, tzinfo=UTC)),
        ("2026-01-31T24:00:00Z", datetime(2026, 2, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2026-01-31T10:21:49-00:00", datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC)),
    ],
)
def test_dates(text: str, time: datetime) -> None:
    found = read_date_time(text)
    assert (found.time, found.problem) == (time, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-31",
        "2026-01-31 10:21:49Z",
        "2026-1-31T10:21:49Z",
        "20260131T102149Z",
        "2026-13-31T10:21:49Z",
        "2026-01-31T10:61:49Z",
        "2026-01-31T10:21:49+99:00",
        "12026-01-31T10:21:49Z",
        "٢٠٢٦-01-31T10:21:49Z",
    ],
)
def test_no_dates(text: str) -> None:
    found = read_date_time(text)
    assert found.time is None
    assert found.problem


@pytest.mark.parametrize(
    ("value", "time", "words"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC), ""),
        (1769854909, datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC), ""),
        (1769854909.5, datetime(2026, 1, 31, 10, 21, 49, 500000, tzinfo=UTC), ""),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), ""),
        (1769854909000, datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC), "milliseconds"),
        ("1769854909", datetime(2026, 1, 31, 10, 21, 49, tzinfo=UTC), "text"),
        (1769854, datetime(1970, 1, 21, 11, 37, 34, tzinfo=UTC), "divided by 1000"),
        (float("nan"), None, "finite"),
        (float("inf"), None, "finite"),
        (10**30, None, "beyond the calendar"),
        (10**400, None, "beyond the calendar"),
        ("9" * 5000, None, "text"),
        (None, None, "none"),
        (False, None, "false"),
        ({}, None, "object"),
    ],
)
def test_numeric_dates(value: object, time: datetime | None, words: str) -> None:
    found = read_numeric_date(value)
    assert found.time == time
    assert words in found.problem
    assert bool(words) == bool(found.problem)


def test_dates_for_people() -> None:
    assert written(datetime(2026, 1, 31, 10, 21, 49, 120000, tzinfo=UTC)) == "2026-01-31 10:21:49.12 UTC"
    assert written(None) == ""
    assert written(datetime(33, 4, 3, tzinfo=UTC)) == "0033-04-03 00:00:00 UTC"


@given(data=st.binary(max_size=60))
def test_base64url_goes_both_ways(data: bytes) -> None:
    assert decode_base64url(encode_base64url(data)) == (data, "")


@pytest.mark.parametrize(
    ("text", "data", "words"),
    [
        ("YQ==", b"a", "padding"),
        ("+/+/", b"\xfb\xff\xbf", "base64 ('+', '/')"),
        ("YR", b"a", "bits that mean nothing"),
        ("a", None, "length 1 is impossible"),
        ("a b", None, "' '"),
    ],
)
def test_base64url_that_deviates(text: str, data: bytes | None, words: str) -> None:
    found, problem = decode_base64url(text)
    assert found == data
    assert words in problem


@pytest.mark.parametrize(
    ("text", "data", "words"),
    [
        ("Y Q\n==", b"a", ""),
        ("YQ", b"a", "padding"),
        ("-_-_", b"\xfb\xff\xbf", "base64url"),
        ("a", None, "no base64"),
        ("é", None, "no base64"),
    ],
)
def test_base64(text: str, data: bytes | None, words: str) -> None:
    found, problem = decode_base64(text)
    assert found == data
    assert words in problem


def test_deep_json_is_refused() -> None:
    assert decode_json_object(b'{"a":' + b"[" * 200_000)[0] is None


@pytest.mark.parametrize(
    "text",
    [
        "***",
        "[PII is hidden]",
        "System.DateTime",
        "[PII of type 'System.String' is hidden]",
        "<redacted>",
        "xxxxxxxx",
        "••••",
        "#####",
        "MASKED",
    ],
)
def test_masks_of_loggers(text: str) -> None:
    assert masked(f"a {text} b")


@pytest.mark.parametrize("text", ["", "secret", "2026-01-31T10:21:49Z", "a*b", "x", "qUqP5cyxm6YcTAhz05Hph5gvu9M="])
def test_no_masks(text: str) -> None:
    assert masked(text) == ""


def test_fingerprints_name_a_secret_without_giving_it_away() -> None:
    assert fingerprint("a") == fingerprint(b"a") != fingerprint("b")
    assert fingerprint("\ud800")


@given(text=st.text(alphabet=st.sampled_from("PHNhbWw+/=%3CD \n&SAMLResponse")))
def test_looking_for_carried_documents_never_raises(text: str) -> None:
    for document in carried_documents(text):
        assert document.carrier

"""Dates of tokens, read strictly: xsd:dateTime of WS-Security and SAML, NumericDate of JWT; what is wrong with one is said."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_DATE_TIME: Final = re.compile(
    r"(-?\d{4,6})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,30}))?(Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SIGNED_32_BIT_END: Final = 2**31
"""2038-01-19T03:14:08Z: readers that keep NumericDate in 32 bits see nothing beyond."""
MILLISECONDS_FROM: Final = 100_000_000_000
"""NumericDate from the year 5138 on: in practice a count of milliseconds (RFC 7519 section 2 asks for seconds)."""
_THOUSANDS: Final = (1_000_000, 2_500_000)
"""What seconds of the years 2001 to 2049 become when divided by 1000."""


@dataclass(frozen=True, slots=True)
class TokenTime:
    """One date as a token states it."""

    time: datetime | None
    """UTC and aware; None where the text is no date."""
    problem: str = ""
    """What is wrong with the text; empty for a clean date."""


def read_date_time(text: str) -> TokenTime:
    """An xsd:dateTime (XML Schema Part 2 section 3.2.7); without zone it is UTC (SAML 2.0 Core 1.3.3, WS-Security 1.0 section 10)."""
    text = text.strip()
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return TokenTime(None, "empty" if not text else f"'{text[:40]}' is no xsd:dateTime such as 2026-01-31T10:21:49Z")
    year, month, day, hour, minute, second = (int(part) for part in match.group(1, 2, 3, 4, 5, 6))
    fraction, zone = match.group(7, 8)
    problem = "" if zone == "Z" else "no time zone stated; taken as UTC" if zone is None else ""
    extra = timedelta(0)
    if (hour, minute, second) == (24, 0, 0):
        hour, extra = 0, timedelta(days=1)
    elif second == 60:
        second, extra = 59, timedelta(seconds=1)
    try:
        offset = UTC if zone in (None, "Z") else timezone(_offset(zone))
        micro = int((fraction or "").ljust(6, "0")[:6])
        time = datetime(year, month, day, hour, minute, second, micro, tzinfo=offset)
        return TokenTime((time + extra).astimezone(UTC), problem)
    except (ValueError, OverflowError):
        return TokenTime(None, f"'{text[:40]}' is no date of the calendar")


def _offset(zone: str) -> timedelta:
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:6]))
    return -size if zone[0] == "-" else size


def read_numeric_date(value: object) -> TokenTime:
    """A NumericDate (RFC 7519 section 2): seconds since 1970 UTC as a JSON number. Milliseconds and text are read and said to be wrong."""
    problem = ""
    if isinstance(value, bool) or value is None:
        return TokenTime(None, f"is {str(value).lower()}, not a number of seconds")
    if isinstance(value, str):
        as_date = read_date_time(value)
        if as_date.time is not None:
            return TokenTime(as_date.time, "is a date written as text; RFC 7519 asks for a number of seconds")
        if len(value) > 30:
            return TokenTime(None, "is text, not a number of seconds")
        problem = "is text, not a number; RFC 7519 asks for a number of seconds"
        try:
            value = float(value)
        except ValueError:
            return TokenTime(None, f"is the text '{value}', not a number of seconds")
    if not isinstance(value, int | float):
        return TokenTime(None, f"is a JSON {'object' if isinstance(value, dict) else 'array'}, not a number of seconds")
    if isinstance(value, float) and not math.isfinite(value):
        return TokenTime(None, "is not a finite number")
    seconds = value
    if abs(seconds) >= MILLISECONDS_FROM:
        seconds = seconds / 1000 if abs(seconds) < MILLISECONDS_FROM * 1000 else seconds
        problem = "counts milliseconds; RFC 7519 asks for seconds, so readers see a date thousands of years away"
    elif _THOUSANDS[0] <= seconds < _THOUSANDS[1]:
        problem = problem or "lies in January 1970: a count of seconds divided by 1000, it seems"
    try:
        return TokenTime(_EPOCH + timedelta(seconds=seconds), problem)
    except OverflowError:
        return TokenTime(None, "lies beyond the calendar")


def written(time: datetime | None) -> str:
    """A date for a person, UTC: ``2026-01-31 10:21:49 UTC``, with the fraction where there is one."""
    if time is None:
        return ""
    text = time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if time.year >= 1000 else time.isoformat(" ")[:19]
    if time.microsecond:
        text += f".{time.microsecond:06}".rstrip("0")
    return f"{text} UTC"

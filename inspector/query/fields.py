"""The filter language's fields and bare words: each entry carries its polars expression, its English and what it completes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

import polars as pl

from inspector.events import Flags, Level
from inspector.query.conditions import Chosen, Condition, Said, Some, Test


class ValueKind(Enum):
    """How a value was written."""

    BARE = "bare"
    PHRASE = "phrase"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Value:
    """One value after a field, or one bare word, with its place in the filter's text."""

    text: str
    kind: ValueKind
    start: int
    end: int
    offset: int = 0
    """Microseconds that the zone in which times are meant is ahead of UTC."""


class BadValue(ValueError):
    """A value that its field does not understand; the parser adds the place."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the filter language."""

    name: str
    title: str
    """What it asks, for the completion list."""
    column: str
    """Column whose values complete it; empty where ``choices`` do."""
    build: Callable[[Field, Value], Condition]
    choices: tuple[str, ...] = ()
    example: str = ""


MICROSECOND: Final = timedelta(microseconds=1)
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US: Final = 86_400_000_000

SEARCHED: Final = ("provider", "channel", "computer", "user", "task", "keywords", "activity", "message")
"""Columns in which bare words, phrases and expressions are looked for."""


def quoted(text: str) -> str:
    """A value as it is shown inside a sentence."""
    return f"“{text}”"


def contains(column: str, text: str) -> pl.Expr:
    """Whether a text column contains a text, upper and lower case alike.

    ASCII folds by ASCII rules: the Unicode ones let ``k`` match the Kelvin sign. An automaton of one word is several times as fast as an expression,
    whatever the texts are.
    """
    if text and text.isascii():
        return pl.col(column).str.contains_any([text], ascii_case_insensitive=True)
    return pl.col(column).str.contains("(?i)" + re_escape(text))


def re_escape(text: str) -> str:
    """Escape a text for the Rust expressions of polars, byte for byte where ASCII."""
    return re.sub(r"[\\.+*?()|\[\]{}^$#&\-~\s]", lambda found: rf"\x{ord(found[0]):02x}" if found[0].isspace() else "\\" + found[0], text)


def wildcard(text: str) -> str:
    """Expression that matches a whole value against ``*`` and ``?``, upper and lower case alike."""
    body = "".join({"*": ".*", "?": "."}.get(char, re_escape(char)) for char in text)
    return f"(?is)^(?:{body})$"


def regex(value: Value) -> str:
    """A written expression as polars takes it: upper and lower case alike unless it says ``(?-i)``. Raises BadValue when it does not compile."""
    pattern = "(?i)" + value.text
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        said = str(error).split("\n\nThis error occurred")[0].strip().splitlines()
        reason = next((line.removeprefix("error: ") for line in reversed(said) if line.startswith("error:")), said[-1])
        raise BadValue(f"this is no regular expression: {reason}") from None
    return pattern


def text_test(columns: Sequence[str], value: Value) -> Condition:
    """A bare word, a phrase or an expression, looked for in every searched column; a number is also an event ID."""
    if value.kind is ValueKind.REGEX:
        pattern = regex(value)
        said = f"match /{value.text}/"
        parts: list[Condition] = [_says(column, pl.col(column).str.contains(pattern), said) for column in columns]
    else:
        said = f"contain {quoted(value.text)}"
        parts = [_says(column, contains(column, value.text), said) for column in columns]
        if value.kind is ValueKind.BARE and value.text.isascii() and value.text.isdigit() and len(value.text) < 11:
            parts.append(_says("event_id", pl.col("event_id") == int(value.text), said))
    return Said(Some(tuple(parts)), f"that {said}", f"that do not {said}")


def _says(column: str, expression: pl.Expr, said: str) -> Test:
    return Test((column,), expression, f"that {said}", f"that do not {said}")


def _text_field(field: Field, value: Value) -> Condition:
    """Contains; ``=value`` the whole value; ``*`` and ``?`` match the whole value; /expression/."""
    column, text = pl.col(field.column).fill_null(""), value.text
    noun = field.title
    if value.kind is ValueKind.REGEX:
        return Test(
            (field.column,), column.str.contains(regex(value)), f"whose {noun} matches /{text}/", f"whose {noun} does not match /{text}/"
        )
    if value.kind is ValueKind.BARE and text.startswith("="):
        exact = text[1:]
        return Test(
            (field.column,),
            column.str.to_lowercase() == exact.lower(),
            f"whose {noun} is {quoted(exact)}",
            f"whose {noun} is not {quoted(exact)}",
        )
    if value.kind is ValueKind.BARE and ("*" in text or "?" in text):
        return Test(
            (field.column,),
            column.str.contains(wildcard(text)),
            f"whose {noun} is like {quoted(text)}",
            f"whose {noun} is not like {quoted(text)}",
        )
    return Test(
        (field.column,),
        _contains_or_empty(field.column, text),
        f"whose {noun} contains {quoted(text)}",
        f"whose {noun} does not contain {quoted(text)}",
    )


def _contains_or_empty(column: str, text: str) -> pl.Expr:
    return contains(column, text) if text else pl.col(column).fill_null("") == ""


LEVEL_WORDS: Final[Mapping[str, tuple[Level, ...]]] = {
    "unknown": (Level.UNKNOWN,),
    "critical": (Level.CRITICAL,),
    "fatal": (Level.CRITICAL,),
    "error": (Level.ERROR,),
    "err": (Level.ERROR,),
    "warning": (Level.WARNING,),
    "warn": (Level.WARNING,),
    "information": (Level.INFORMATION,),
    "info": (Level.INFORMATION,),
    "verbose": (Level.VERBOSE,),
    "debug": (Level.VERBOSE,),
    "trace": (Level.VERBOSE,),
    "failure": (Level.AUDIT_FAILURE,),
    "audit_failure": (Level.AUDIT_FAILURE,),
    "auditfailure": (Level.AUDIT_FAILURE,),
    "success": (Level.AUDIT_SUCCESS,),
    "audit_success": (Level.AUDIT_SUCCESS,),
    "auditsuccess": (Level.AUDIT_SUCCESS,),
    "audit": (Level.AUDIT_FAILURE, Level.AUDIT_SUCCESS),
}
AT_LEAST: Final = (Level.CRITICAL, Level.ERROR, Level.WARNING, Level.INFORMATION, Level.VERBOSE)


def _level(_: Field, value: Value) -> Condition:
    text = value.text.lower().replace(" ", "_")
    at_least = text.startswith(">=")
    word = text.removeprefix(">=")
    levels = LEVEL_WORDS.get(word)
    if levels is None:
        raise BadValue(f"there is no level “{value.text}”; levels are critical, error, warning, information, verbose, failure and success")
    if at_least:
        if levels[0] not in AT_LEAST:
            raise BadValue(f"“{word}” is no step of severity; use >= with critical, error, warning, information or verbose")
        levels = AT_LEAST[: AT_LEAST.index(levels[0]) + 1]
    said = " or ".join(level.title.lower() for level in levels)
    said = f"at least {levels[-1].title.lower()}" if at_least else said
    return Test(("level",), pl.col("level").is_in([int(level) for level in levels]), f"of level {said}", f"not of level {said}")


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise BadValue(f"“{text}” is no number")
    return int(text)


def _number_field(field: Field, value: Value) -> Condition:
    """A number, ``a..b``, ``>a``, ``>=a``, ``<a``, ``<=a`` or digits with wildcards."""
    column, text, noun = pl.col(field.column), value.text.removeprefix("="), field.title
    if "*" in text or "?" in text:
        expression, said = column.cast(pl.String).str.contains(wildcard(text)), f"like {text}"
    elif ".." in text:
        low, high = text.split("..", 1)
        expression, said = column.is_between(_number(low), _number(high)), f"from {low} to {high}"
    elif found := re.match(r"[<>]=?", text):
        expression, said = _compare(column, found[0], _number(text[found.end() :])), f"{COMPARED[found[0]]} {text[found.end() :]}"
    else:
        expression, said = column == _number(text), text
    return Test((field.column,), expression, f"whose {noun} is {said}", f"whose {noun} is not {said}")


COMPARED: Final = {">": "above", ">=": "at least", "<": "below", "<=": "at most"}


def _compare(column: pl.Expr, sign: str, bound: int) -> pl.Expr:
    return {">": column > bound, ">=": column >= bound, "<": column < bound, "<=": column <= bound}[sign]


DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,6}))?)?)?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,6}))?)?")


@dataclass(frozen=True, slots=True)
class Moment:
    """A stated time: the first and the last microsecond it covers, absolute (UTC) or within any day."""

    first: int
    last: int
    of_day: bool


def moment(text: str, offset: int = 0) -> Moment:
    """Read a date, a date with time (in the zone ``offset`` microseconds ahead of UTC unless it states its own) or a time of day, as exact as it is written. Raises BadValue."""
    if found := CLOCK.fullmatch(text):
        first, step = _clock(found)
        if first >= DAY_US:
            raise BadValue(f"“{text}” is no time of day")
        return Moment(first, first + step - 1, of_day=True)
    if found := DATE.fullmatch(text):
        try:
            day = datetime(int(found["year"]), int(found["month"]), int(found["day"]), tzinfo=UTC)
        except ValueError:
            raise BadValue(f"“{text}” is no date of the calendar") from None
        first, step = _clock(found) if found["hour"] else (0, DAY_US)
        zone = found["zone"]
        shift = (
            offset
            if zone is None
            else 0
            if zone == "Z"
            else (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[-2:])) * 60_000_000
        )
        start = (day - EPOCH) // MICROSECOND + first - shift
        return Moment(start, start + step - 1, of_day=False)
    raise BadValue(f"“{text}” is no time; write 2026-01-31, 2026-01-31T10:20:05 or 10:20")


def _clock(found: re.Match[str]) -> tuple[int, int]:
    hour, minute, second, part = (found[name] for name in ("hour", "minute", "second", "part"))
    start = (int(hour) * 3600 + int(minute or 0) * 60 + int(second or 0)) * 1_000_000 + int((part or "").ljust(6, "0"))
    if int(hour) > 23 or int(minute or 0) > 59 or int(second or 0) > 59:
        raise BadValue(f"“{found[0]}” is no time of day")
    step = 10 ** (6 - len(part)) if part else 1_000_000 if second else 60_000_000 if minute else 3_600_000_000
    return start, step


def _time(_: Field, value: Value) -> Condition:
    text = value.text.removeprefix("=")
    column = pl.col("time")
    local = column + value.offset  # the time of day on the wall that the filter speaks of
    if ".." in text:
        low, high = (part.strip() for part in text.split("..", 1))
        if not low or not high:
            raise BadValue("write both ends of the time range, or use > and <")
        first, last = moment(low, value.offset), moment(high, value.offset)
        if first.of_day != last.of_day:
            raise BadValue("both ends of a time range are dates, or both are times of day")
        subject = local.mod(DAY_US) if first.of_day else column
        if first.of_day and last.last < first.first:  # a night: 22:00..04:00
            expression = (subject >= first.first) | (subject <= last.last)
        else:
            expression = subject.is_between(first.first, last.last)
        range_words = f"from {low} to {high}{_zone_words(value.offset, low, high)}"
        return Test(("time",), expression, range_words, f"not {range_words}")
    sign = found[0] if (found := re.match(r"[<>]=?", text)) else ""
    said = text[len(sign) :].strip()
    at = moment(said, value.offset)
    subject = local.mod(DAY_US) if at.of_day else column
    match sign:
        case ">":
            expression, words = subject > at.last, f"after {said}"
        case ">=":
            expression, words = subject >= at.first, f"since {said}"
        case "<":
            expression, words = subject < at.first, f"before {said}"
        case "<=":
            expression, words = subject <= at.last, f"until {said}"
        case _:
            expression, words = subject.is_between(at.first, at.last), f"at {said}"
    words += _zone_words(value.offset, said)
    return Test(("time",), expression, words, f"not {words}")


def _zone_words(offset: int, *texts: str) -> str:
    """The zone in which times are meant; empty when every one states its own."""
    if all((found := DATE.fullmatch(text)) and found["zone"] for text in texts):
        return ""
    minutes = offset // 60_000_000
    return f" (UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02})" if minutes else " (UTC)"


TOKEN_SIGNS: Final[Mapping[str, tuple[str, str]]] = {
    "jwt": ("a JWT", r"\beyJ[A-Za-z0-9_-]{5,}"),
    "saml": ("a SAML assertion or response", r"(?i-u)[<:;]assertion\b|samlresponse|oasis[:.\-]names[:.\-]tc[:.\-]saml|PHNhbWx|PHNhbWxwO"),
    "x509": ("an X.509 certificate", r"(?i-u)x509certificate|#x509|-----begin certificate|\bMII[A-Za-z0-9+/]{40}"),
    "username": ("a user name token", r"(?i-u)usernametoken"),
    "timestamp": ("a WS-Security timestamp", r"(?i-u)[<:;]timestamp\b"),
    "kerberos": ("a Kerberos ticket or message", r"(?i-u)kerberos|\bkrb|\bYII[A-Za-z0-9+/]{20}"),
    "context": ("a security context token", r"(?i-u)securitycontexttoken"),
    "aws": (
        "an AWS key or signature",
        r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|AWS4-HMAC-SHA256|(?i-u)x-amz-(?:security-token|signature|credential)",
    ),
    "any": (
        "any kind of token",
        r"\beyJ[A-Za-z0-9_-]{5,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|(?i-u)assertion\b|usernametoken|securitytoken|securitycontexttoken|x509certificate|-----begin |samlresponse|AWS4-HMAC",
    ),
}


def _token(_: Field, value: Value) -> Condition:
    sign = TOKEN_SIGNS.get(value.text.lower())
    if sign is None:
        raise BadValue(f"there is no kind of token “{value.text}”; kinds are {', '.join(TOKEN_SIGNS)}")
    title, pattern = sign
    return Test(("message",), pl.col("message").str.contains(pattern), f"that carry {title}", f"that carry no {title.split(' ', 1)[1]}")


CHOSEN_HAS: Final[Mapping[str, str]] = {"note": "a note", "bookmark": "a bookmark", "finding": "a finding", "highlight": "a highlight"}
TESTED_HAS: Final[Mapping[str, tuple[str, str, pl.Expr]]] = {
    "envelope": ("a SOAP envelope", "message", pl.col("message").str.contains(r"(?i-u)(?:<|&lt;|&#60;|\\u003c)(?:[\w.-]+:)?envelope\b")),
    "stack": ("a stack trace", "flags", pl.col("flags").cast(pl.Int64) & int(Flags.STACK) != 0),
    "xml": ("XML", "flags", pl.col("flags").cast(pl.Int64) & int(Flags.XML) != 0),
    "token": ("a token", "message", pl.col("message").str.contains(TOKEN_SIGNS["any"][1])),
    "fault": ("a SOAP fault", "message", pl.col("message").str.contains(r"(?i-u)(?:<|&lt;|&#60;|\\u003c)(?:[\w.-]+:)?fault\b")),
    "time": ("a time", "time", pl.col("time").is_not_null()),
    "damage": ("damage: read out of a damaged place", "flags", pl.col("flags").cast(pl.Int64) & int(Flags.RECOVERED) != 0),
}


def _has(_: Field, value: Value) -> Condition:
    word = value.text.lower()
    if word in CHOSEN_HAS:
        return Chosen(word, "", f"with {CHOSEN_HAS[word]}", f"without {CHOSEN_HAS[word]}")
    if word in TESTED_HAS:
        title, column, expression = TESTED_HAS[word]
        return Test((column,), expression, f"with {title}", f"without {title}")
    raise BadValue(f"“has:” knows no “{value.text}”; it knows {', '.join([*TESTED_HAS, *CHOSEN_HAS])}")


def _chosen(field: Field, value: Value) -> Condition:
    return Chosen(field.name, value.text.lower(), f"with {field.title} {quoted(value.text)}", f"without {field.title} {quoted(value.text)}")


def _fault(_: Field, value: Value) -> Condition:
    """The value of a fault code or subcode, with or without prefix, escaped or not."""
    body = value.text if value.kind is ValueKind.REGEX else re_escape(value.text).replace(r"\*", r"[\w.\-]*").replace(r"\?", r"\w")
    if value.kind is ValueKind.REGEX:
        regex(value)
    pattern = rf"(?i)(?:faultcode|code|subcode|value|fault)\b[^<>\n]{{0,200}}(?:>|&gt;|[:=])\s*[\"']?(?:[\w.\-]+:)?(?:{body})"
    return Test(
        ("message",),
        pl.col("message").str.contains(pattern),
        f"with fault code {quoted(value.text)}",
        f"without fault code {quoted(value.text)}",
    )


def data_field(name: str, value: Value) -> Condition:
    """``name: value`` on a line of its own in the message: contains, ``=`` whole value, wildcards, /expression/."""
    label = rf"(?im)^[ \t]*{re_escape(name)}[ \t]*[:=][ \t]*"
    line = r"[^\r\n]*"
    text = value.text
    if value.kind is ValueKind.REGEX:
        regex(value)
        pattern, said = rf"{label}{line}?(?:{text})", f"matches /{text}/"
    elif value.kind is ValueKind.BARE and text.startswith("="):
        pattern, said = rf"{label}{re_escape(text[1:])}[ \t]*\r?$", f"is {quoted(text[1:])}"
    elif value.kind is ValueKind.BARE and ("*" in text or "?" in text):
        body = "".join({"*": line, "?": r"[^\r\n]"}.get(char, re_escape(char)) for char in text)
        pattern, said = rf"{label}{body}[ \t]*\r?$", f"is like {quoted(text)}"
    else:
        pattern, said = rf"{label}{line}{re_escape(text)}", f"contains {quoted(text)}"
    return Test(("message",), pl.col("message").str.contains(pattern), f"whose field {name} {said}", f"without a field {name} that {said}")


FIELDS: Final[tuple[Field, ...]] = (
    Field(
        "level",
        "level",
        "",
        _level,
        ("critical", "error", "warning", "information", "verbose", "failure", "success"),
        "level:error,warning",
    ),
    Field("source", "provider", "provider", _text_field, example='source:"Microsoft WSE"'),
    Field("id", "event ID", "event_id", _number_field, example="id:4625,4771"),
    Field("host", "computer", "computer", _text_field, example="host:WEB01"),
    Field("user", "user", "user", _text_field, example="user:alice"),
    Field("file", "file name", "source_name", _text_field, example="file:*.evtx"),
    Field("channel", "channel", "channel", _text_field, example="channel:Security"),
    Field("task", "task", "task", _text_field),
    Field("keywords", "keywords", "keywords", _text_field),
    Field("activity", "activity ID", "activity", _text_field),
    Field("message", "message", "message", _text_field, example="message:expired"),
    Field("record", "record", "position", _number_field, example="record:100..200"),
    Field("time", "time", "", _time, example="time:10:20..10:25"),
    Field(
        "cause",
        "cause",
        "",
        _chosen,
        [
            "expired",
            "clock_skew",
            "malformed",
            "signature_mismatch",
            "audience_mismatch",
            "revoked",
            "bad_credentials",
            "unsupported",
            "untrusted_issuer",
            "replay",
            "delayed_processing",
            "addressing",
            "other",
        ],  # type: ignore[arg-type]
        "cause:expired",
    ),
    Field("finding", "finding", "", _chosen, example="finding:F1"),
    Field("token", "token", "", _token, tuple(TOKEN_SIGNS), "token:jwt"),
    Field("has", "what it has", "", _has, (*TESTED_HAS, *CHOSEN_HAS), "has:envelope"),
    Field("fault", "fault code", "", _fault, example="fault:FailedAuthentication"),
)
"""Every field; ``data.NAME`` is the one more, for any name that an event's data has."""

ALIASES: Final[Mapping[str, str]] = {
    "provider": "source",
    "event_id": "id",
    "eventid": "id",
    "computer": "host",
    "log": "channel",
    "msg": "message",
    "text": "message",
    "line": "record",
}


def field_named(name: str) -> Field | None:
    """The field of that name, whatever its case; None when there is none."""
    wanted = name.lower()
    wanted = ALIASES.get(wanted, wanted)
    return next((field for field in FIELDS if field.name == wanted), None)

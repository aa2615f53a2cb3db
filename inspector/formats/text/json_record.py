"""One JSON object as an event: which of its members are time, level, source and message, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import polars as pl

from inspector import dates
from inspector.events import Level, MessageFrom
from inspector.formats.text.event_labels import level_of
from inspector.formats.text.line_log import LEVEL_WORDS, SEVERITIES

DEEPEST: Final = 24
"""Levels of nesting that are spread into names; what lies deeper is shown as JSON."""
MOST_MEMBERS: Final = 4000

_TIME: Final = (
    "@timestamp", "@t", "eventtime", "createddatetime", "timecreated", "system.timecreated.systemtime", "system.timecreated.#attributes.systemtime", "timestamp", "time", "ts", "timegenerated", "creationtime",
    "activitydatetime", "event_time", "utctime", "datetime", "date", "asctime", "t.$date", "starteddatetime", "eventtimestamp", "t", "log.time",
    "timegenerated [utc]", "@time", "logtime", "log_time", "written_at", "instant.epochsecond", "ibm_datetime", "__realtime_timestamp", "date (utc)",
)  # fmt: skip
_LEVEL: Final = ("level", "@l", "log.level", "severity", "leveldisplayname", "levelname", "event_level", "loglevel", "log_level", "lvl", "entrytype", "system.level", "s", "syslog.severity.name", "eventtype")  # fmt: skip
_PROVIDER: Final = (
    "providername", "winlog.provider_name", "sourcename", "system.provider.name", "system.provider.#attributes.name", "eventsource", "logger", "sourcecontext", "log.logger", "logger_name", "loggername",
    "category", "provider", "appdisplayname", "provider_name", "source_name", "event.provider", "target", "name", "app", "service.name", "service", "source", "@stream", "c", "workload", "module", "syslog_identifier",
)  # fmt: skip
_ID: Final = (
    "eventid",
    "winlog.event_id",
    "event_id",
    "event_identifier",
    "system.eventid",
    "system.eventid.#text",
    "event.code",
    "eventid.id",
    "instanceid",
)
_CHANNEL: Final = ("channel", "winlog.channel", "logname", "system.channel", "stream", "log_name", "loggroup")
_COMPUTER: Final = ("computer", "winlog.computer_name", "computername", "machinename", "system.computer", "host.name", "host.hostname", "hostname", "host", "computer_name", "@system", "kubernetes.pod.name", "kubernetes.pod_name", "_hostname")  # fmt: skip
_USER: Final = ("userprincipalname", "user.name", "accountname", "username", "useridentity.arn", "userid", "userid.value", "user", "targetusername", "subjectusername", "user_name", "remoteuser")  # fmt: skip
_ACTIVITY: Final = ("correlationid", "trace.id", "traceid", "trace_id", "activityid", "requestid", "@tr", "system.correlation.activityid", "system.correlation.#attributes.activityid", "correlation_id", "request_id", "reqid", "winlog.activity_id", "correlation id", "x-request-id")  # fmt: skip
_MESSAGE: Final = ("message", "content", "@m", "msg", "renderedmessage", "@mt", "messagetemplate", "errormessage", "log", "fields.message", "event.original", "textpayload", "body", "text", "short_message", "description", "jsonpayload.message")  # fmt: skip
_STACK: Final = ("@x", "exception", "stack_trace", "error.stack_trace", "exc_info", "stacktrace", "stack", "err.stack", "error.stack", "full_message", "exception.stacktrace", "thrown.extendedstacktrace")  # fmt: skip
_TASK: Final = ("taskdisplayname", "task", "winlog.task", "thread", "thread_name", "threadname", "process.thread.name", "category_name")
_KEYWORDS: Final = ("keywordsdisplaynames", "keywords", "winlog.keywords", "@r", "tags", "keyword")

_DOTNET_DATE: Final = re.compile(r"\\?/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\\?/")
_HOLE: Final = re.compile(r"\{[@$]?([\w.]{1,80})(?:,-?\d+)?(?::[^{}]{1,40})?\}")
_NUMBERED: Final = {10: Level.VERBOSE, 20: Level.VERBOSE, 30: Level.INFORMATION, 40: Level.WARNING, 50: Level.ERROR, 60: Level.CRITICAL}
"""Levels of bunyan and pino."""
_ENTRY_TYPES: Final = {1: Level.ERROR, 2: Level.WARNING, 4: Level.INFORMATION, 8: Level.AUDIT_SUCCESS, 16: Level.AUDIT_FAILURE}
"""EventLogEntryType of Get-EventLog."""
_SHOUTED: Final = re.compile(r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|SEVERE|FATAL|CRITICAL)\b")
_LISTED: Final = re.compile(r"System\.[\w.]+(?:`\d)?(?:\[[\w.\[\]`]*\])?")
"""What Export-Csv writes in place of a list."""
_AUDIT_FAILURE: Final = 0x0010_0000_0000_0000
_AUDIT_SUCCESS: Final = 0x0020_0000_0000_0000
_WINDOWS: Final = {0: Level.INFORMATION, 1: Level.CRITICAL, 2: Level.ERROR, 3: Level.WARNING, 4: Level.INFORMATION, 5: Level.VERBOSE}


def spread(value: Any, name: str = "", depth: int = 0) -> list[tuple[str, str]]:  # noqa: ANN401 - JSON holds anything
    """Every leaf of a JSON value with its dotted name, in order."""
    if isinstance(value, Mapping) and value and depth < DEEPEST:
        found: list[tuple[str, str]] = []
        for key, member in value.items():
            found.extend(spread(member, f"{name}.{key}" if name else str(key), depth + 1))
            if len(found) > MOST_MEMBERS:
                break
        return found
    if isinstance(value, list) and value and depth < DEEPEST and any(isinstance(item, (dict, list)) for item in value):
        found = []
        for number, item in enumerate(value):
            found.extend(spread(item, f"{name}[{number}]", depth + 1))
            if len(found) > MOST_MEMBERS:
                break
        return found
    return [(name, plain(value))]


def plain(value: Any) -> str:  # noqa: ANN401 - JSON holds anything
    """A leaf as text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    if isinstance(value, int) and abs(value) >= 10**40:
        return hex(value)
    return json.dumps(value, ensure_ascii=False, default=str)


class Records:
    """Columns that grow record by record."""

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {name: [] for name in ("when", "level", "provider", "event_id", "channel", "computer", "user", "task", "keywords", "activity", "message")}  # fmt: skip

    def __len__(self) -> int:
        return len(self._columns["message"])

    def add(self, record: object) -> None:
        """Take one JSON value; anything but an object becomes its own message."""
        pairs = spread(record) if isinstance(record, Mapping) else [("", plain(record))]
        for wrapper in ("Event.", "event.System", "properties.", "fields."):
            if wrapper == "Event." and any(name.startswith("Event.System.") for name, _ in pairs[:60]):
                pairs = [(name.removeprefix("Event."), value) for name, value in pairs]
        low: dict[str, str] = {}
        for name, value in pairs:
            low.setdefault(name.lower(), value)
            if name.startswith("properties."):
                low.setdefault(name[11:].lower(), value)
        if "entrytype" in low and "source" in low:
            # Get-EventLog: its Source is what logged, its Category a number of that program's
            low.setdefault("providername", low.pop("source"))
            low.setdefault("taskdisplayname", low.pop("category", ""))
        used: set[str] = set()

        def take(names: Sequence[str], *, keep: bool = False) -> str:
            for name in names:
                value = low.get(name, "")
                if value and not (value.startswith("System.") and _LISTED.fullmatch(value)):
                    if not keep:
                        used.add(name)
                    return value
            return ""

        columns = self._columns
        level, head = _level_and_head(low, take)
        columns["when"].append(_when(take(_TIME)))
        provider = take(_PROVIDER) or None
        channel = take(_CHANNEL)
        identity = take(_ID) or (low.get("id", "") if "providername" in low else "")
        columns["provider"].append(provider)
        columns["event_id"].append(
            int(identity) if identity.lstrip("-").isascii() and identity.lstrip("-").isdigit() and len(identity) < 12 else None
        )
        columns["channel"].append(channel or None)
        columns["computer"].append(take(_COMPUTER) or None)
        columns["user"].append(take(_USER, keep=True) or None)
        columns["task"].append(take(_TASK, keep=True) or None)
        columns["keywords"].append(take(_KEYWORDS, keep=True) or None)
        columns["activity"].append(take(_ACTIVITY, keep=True).strip("{}").lower() or None)
        columns["level"].append(int(level))
        message = _filled(take(_MESSAGE), low)
        stack = take(_STACK)
        text = "\n".join(part for part in (head, message, stack) if part)
        rest = "\n".join(f"{name}: {value}" if name else value for name, value in pairs if name.lower() not in used and value)
        columns["message"].append(f"{text}\n\n{rest}" if text and rest else text or rest)

    def drop_last(self) -> None:
        """Forget the last record."""
        for column in self._columns.values():
            column.pop()

    def finish(self, opened_day_first: bool | None, year: int) -> dict[str, pl.Series]:
        """The columns of the event table."""
        columns = self._columns
        result = {
            name: pl.Series(columns[name], dtype=pl.String)
            for name in ("provider", "channel", "computer", "user", "task", "keywords", "activity", "message")
        }
        result["level"] = pl.Series(columns["level"], dtype=pl.UInt8)
        result["event_id"] = pl.Series(columns["event_id"], dtype=pl.Int64)
        times = dates.read_column(pl.Series(columns["when"], dtype=pl.String), opened_day_first, year)
        result["time"], result["time_basis"] = times.columns()
        result["message_from"] = pl.Series([int(MessageFrom.LOG)], dtype=pl.UInt8).new_from_index(0, len(self))
        return result


def _when(text: str) -> str | None:
    if not text:
        return None
    found = _DOTNET_DATE.search(text)
    if found:
        text = found[1]
    if text.replace(".", "", 1).isdigit():
        whole, _, fraction = text.partition(".")
        if len(whole) == 19:
            return whole[:16]
        return f"{whole}.{fraction[:9]}" if fraction and len(whole) == 10 else whole
    return text


def _level_and_head(low: Mapping[str, str], take: Any) -> tuple[Level, str]:  # noqa: ANN401 - the caller's closure
    """The level, and a headline for records that state what happened in members of their own (CloudTrail, Entra sign-ins)."""
    if "eventsource" in low and "eventname" in low:
        code = low.get("errorcode", "")
        return (Level.ERROR if code else Level.INFORMATION), ": ".join(
            part for part in (low["eventname"], code, low.get("errormessage", "")) if part
        )
    if "createddatetime" in low and "status.errorcode" in low:
        code = low["status.errorcode"]
        told = f"Sign-in of {low.get('userprincipalname', '?')} to {low.get('appdisplayname', '?')}"
        outcome = "succeeded" if code == "0" else f"failed: AADSTS{code} {low.get('status.failurereason', '')}".rstrip()
        return (Level.INFORMATION if code == "0" else Level.ERROR), f"{told} {outcome}"
    if "resulttype" in low and ("resultdescription" in low or low.get("category", "").lower().endswith("signinlogs")):
        code = low["resulttype"]
        outcome = "succeeded" if code == "0" else f"failed: AADSTS{code} {low.get('resultdescription', '')}".rstrip()
        return (Level.INFORMATION if code == "0" else Level.ERROR), f"Sign-in {outcome}"
    if "sign-in error code" in low:
        code = low["sign-in error code"]
        told = f"Sign-in of {low.get('username') or low.get('user') or '?'} to {low.get('application') or '?'}"
        outcome = "succeeded" if code in {"", "0"} else f"failed: AADSTS{code} {low.get('failure reason', '')}".rstrip()
        return (Level.INFORMATION if code in {"", "0"} else Level.ERROR), f"{told} {outcome}"
    if "__realtime_timestamp" in low and low.get("priority", "").isdigit():
        return SEVERITIES[int(low["priority"]) % 8], ""
    windows = (
        "providername" in low
        or "system.channel" in low
        or "winlog.channel" in low
        or ("channel" in low and ("eventid" in low or "event_id" in low))
    )
    word = take(_LEVEL)
    if "entrytype" in low and word.isdigit() and int(word) in _ENTRY_TYPES:
        return _ENTRY_TYPES[int(word)], ""
    if word.lstrip("-").isdigit() and len(word) < 4:
        number = int(word)
        level = (_WINDOWS if windows or "leveldisplayname" in low else _NUMBERED).get(number, Level.UNKNOWN)
        named = low.get("leveldisplayname", "")
        level = level_of(named) or level if named else level
    else:
        level = level_of(word.replace("_", " ")) or LEVEL_WORDS.get(word.strip().lower(), Level.UNKNOWN)
        if not word and ("@t" in low or "@mt" in low):
            level = Level.INFORMATION  # CLEF leaves the level out when it is Information
    if not word and "stream" in low and "log" in low:
        found = _SHOUTED.search(low["log"], 0, 160)  # a line that docker or a collector wrapped
        level = LEVEL_WORDS.get(found[1].lower(), level) if found else level
    if windows:
        words = ",".join(low.get(name, "") for name in ("keywords", "winlog.keywords", "keywordsdisplaynames"))
        audit = level_of("", words) or _audit_of(low.get("keywords", "") or low.get("system.keywords", ""))
        named = low.get("eventtype", "").replace("_", " ")
        level = audit or level_of(named) or level
    return level, ""


def _audit_of(bits: str) -> Level:
    """What the keywords of an event say about an audit, written as a hexadecimal or a signed number of 64 bits."""
    try:
        number = int(bits, 16 if bits[:2].lower() == "0x" else 10) if len(bits) <= 20 else 0
    except ValueError:
        return Level.UNKNOWN
    if not number & 1 << 63:
        return Level.UNKNOWN
    return Level.AUDIT_FAILURE if number & _AUDIT_FAILURE else Level.AUDIT_SUCCESS if number & _AUDIT_SUCCESS else Level.UNKNOWN


def _filled(template: str, low: Mapping[str, str]) -> str:
    """A message template of Serilog with its holes filled from the record's members."""
    if "{" not in template or "@mt" not in low:
        return template
    return _HOLE.sub(lambda found: low.get(found[1].lower(), found[0]), template)


def fields_of(raw: str) -> Iterable[tuple[str, str]]:
    """Every member of a record by dotted name."""
    try:
        return spread(json.loads(raw))
    except (ValueError, RecursionError):
        return [("text", raw.strip())]

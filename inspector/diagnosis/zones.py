"""The zone of a log that states none, inferred from moments in UTC that its own events print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from inspector.clock import in_words, infer_offset, offset_text
from inspector.dates import parse_time
from inspector.diagnosis.escapes import plain_view
from inspector.diagnosis.event_reader import position_of
from inspector.events import Source, TimeBasis, Zone, ZoneBasis
from inspector.job import Job
from inspector.store import EventStore

_ANCHORS: Final = (
    "SystemTime=",
    "Timestamp: ",
    "Time:20",
    "Created",
    "Date: ",
    "date: '",
    "Server time",
    "Current time",
    "timestamp",
    "TimeCreated",
    "ServerTime",
    "Current date",
    "issue time",
    "IssueInstant",
    "is now earlier than",
)
_UTC: Final = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z"
_MOMENTS: Final = (
    ("the event's own SystemTime", re.compile(rf"SystemTime=[\"']?({_UTC})")),
    ("the Timestamp that the service printed", re.compile(rf"\b(?:Timestamp: |Time:)({_UTC})|[\"']timestamp\\*[\"']\s*:\s*\\*[\"']({_UTC})")),
    ("the current time that the message prints", re.compile(rf"Current (?:time|date)(?: \(UTC\))?: [\"']?({_UTC}|[A-Z][a-z]{{2}}, \d\d? [A-Z][a-z]{{2}} \d{{4}} [\d:]{{8}} GMT)")),
    ("the HTTP Date header", re.compile(r"^[\s{]*[\"']?[Dd]ate[\"']?: [\"']?([A-Z][a-z]{2}, \d\d? [A-Z][a-z]{2} \d{4} [\d:]{8} GMT)", re.MULTILINE)),
    ("the server time of the refusal", re.compile(rf"<ServerTime>({_UTC})|Server time \(UTC\): (\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d)|is now earlier than \d{{8}}T\d{{6}}Z \((\d{{8}}T\d{{6}}Z)")),
    ("Created of the fault reply", re.compile(rf"Created[^<>&]{{0,80}}(?:>|&gt;)\s*({_UTC})")),
    ("the time at which the response was issued", re.compile(rf"(?:issue time .{{0,120}}?time |IssueInstant=[\"']?)({_UTC})")),
)  # fmt: skip
"""What prints a moment in UTC that is about the event's own, the surest first."""
_FAULT: Final = re.compile(r"\bFault\b|faultcode", re.IGNORECASE)
_NEXT: Final = re.compile(r"(?:<|&(?:amp;)?lt;)(?:[\w.-]{1,40}:)?(?P<name>Envelope|Fault)\b")
_MOST: Final = 3_000
"""Events, spread over the whole log, whose printed moments are compared."""


def moments_in(message: str) -> Iterator[tuple[str, datetime]]:
    """Moments in UTC that an event prints and that are about its own, with what prints them."""
    message = plain_view(message)
    for name, pattern in _MOMENTS:
        if name.startswith("Created") and not _FAULT.search(message):
            continue
        found = pattern.search(message)
        if name.startswith("Created") and found is not None and not _of_fault(message, found.end()):
            name = "Created of a message that stands beside a fault"  # noqa: PLW2901 - the same stamp, truly named
        text = next((group for group in found.groups() if group), "") if found is not None else ""
        parsed = parse_time(text) if text else None
        if found is None or parsed is None:
            continue
        moment = parsed.wall.replace(tzinfo=UTC) if parsed.offset is None and "(UTC)" in found.group() else parsed.utc
        if moment is not None:
            yield name, moment


def _rank(name: str) -> int:
    """How sure a kind of pair is: its place in the table, what only stands beside a fault last."""
    return next((at for at, (known, _) in enumerate(_MOMENTS) if known == name), len(_MOMENTS))


def _of_fault(message: str, stamp: int) -> bool:
    """Whether a time stamp's own envelope carries a fault: the stamp is inside the fault, or the fault follows before another envelope begins."""
    before = [found["name"] for found in _NEXT.finditer(message, 0, stamp)]
    following = _NEXT.search(message, stamp)
    return before[-1:] == ["Fault"] or (following is not None and following["name"] == "Fault")


def infer_zone(store: EventStore, source: Source) -> Zone:
    """The zone of a source whose times state none, from pairs of wall clock and UTC in its events; assumed UTC where there is no pair."""
    basis = pl.col("time_basis").is_in([int(TimeBasis.LOCAL), int(TimeBasis.LOCAL_AMBIGUOUS)]) & (pl.col("source") == source.id)
    anchored = pl.col("message").str.contains_any(list(_ANCHORS)).fill_null(value=False)
    rows = store.matching(basis & anchored, Job())
    if not len(rows):
        return Zone()
    looked = rows[:: -(-len(rows) // _MOST)]
    compared = (len(looked), len(rows))
    frame = store.frame(looked, ("time", "position", "message"))
    shift = source.zone.offset
    pairs: dict[str, list[tuple[datetime, datetime, int]]] = {}
    for micros, position, message in frame.select("time", "position", "message").iter_rows():
        if micros is None:
            continue
        try:
            wall = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros) + shift
        except OverflowError:
            continue
        for name, moment in moments_in(message or ""):
            pairs.setdefault(name, []).append((wall, moment, position))
            break
    for name in sorted(pairs, key=_rank):
        found = pairs[name]
        reading = infer_offset((wall, moment) for wall, moment, _ in found)
        if reading is None:
            continue
        wall, moment, position = found[0]
        example = f"{wall:%H:%M:%S} local is {moment:%H:%M:%S} UTC at {position_of(source, position)}"
        rest = (
            f", {in_words(abs(reading.skew))} {'ahead' if reading.skew > timedelta(0) else 'behind'}"
            if abs(reading.skew) >= timedelta(seconds=1)
            else ""
        )
        others = "".join(f"; {count} say {offset_text(offset)}" for offset, count in list(reading.others.items())[:2])
        evidence = f"{name}: {example}; {reading.agreeing} of {reading.pairs} pairs say {offset_text(reading.offset)}{rest}{others}"
        return Zone(reading.offset, ZoneBasis.INFERRED, evidence, compared)
    return Zone(compared=compared)

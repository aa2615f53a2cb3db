"""Several refusals that miss the end of their tokens by one and the same figure: a clock or a zone, whatever one of them would suggest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from inspector.clock import in_words, quarter_shape, tolerance_of
from inspector.dates import parse_time
from inspector.diagnosis.base import Cause, Circumstances, EventText, Evidence, Incident, Signal, Suggestion
from inspector.diagnosis.contents import judged_windows
from inspector.diagnosis.signals import GUESSED, evidence_of, is_confirmed_failure

_FEW: Final = 3
"""Different tokens that it takes."""
_SPREAD: Final = timedelta(seconds=15)
"""How far the figures of different tokens may differ: network and handling, no more."""
_EXACT: Final = timedelta(seconds=3)
_BEYOND: Final = timedelta(hours=26)
"""Later than that, no zone and no clock explains it."""


class Constancy:
    """Looks at the events of one shape together."""

    name = "constancy"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        found = constant_lateness(incident.alike)
        if found:
            return found
        found = constant_distance(incident.alike_events, circumstances)
        return found if is_confirmed_failure(incident.signals) else [replace(each, weight=min(each.weight, GUESSED)) for each in found]


def constant_lateness(signals: Sequence[Signal]) -> list[Suggestion]:
    """What the refusals of different tokens have in common; nothing where they are too few or scattered."""
    late: dict[datetime, tuple[timedelta, Signal]] = {}
    for signal in signals:
        end = next((signal.groups[name] for name in ("not_after", "not_after2") if name in signal.groups), "")
        now = signal.groups.get("now", "")
        parsed = parse_time(end.strip()) if end else None
        judged = parse_time(now.strip()) if now else None
        moment = (judged.utc or judged.wall) if judged is not None else signal.event.time
        ending = (parsed.utc or parsed.wall) if parsed is not None else None
        if moment is None or ending is None:
            continue
        late.setdefault(ending.replace(tzinfo=None), (moment.replace(tzinfo=None) - ending.replace(tzinfo=None), signal))
    return _constant({end: (figure, evidence_of(signal)) for end, (figure, signal) in late.items()})


def constant_distance(events: Sequence[EventText], circumstances: Circumstances) -> list[Suggestion]:
    """The same by the windows of the tokens that the refused events carry, each at the event's own time."""
    late: dict[datetime, tuple[timedelta, Evidence]] = {}
    ages: list[timedelta] = []
    for event in events:
        if event.contents is None or event.time is None or not event.zone_known or circumstances.at is not None:
            continue
        for token, window in judged_windows(event.contents.tokens):
            if window.not_after is not None and event.time >= window.not_after:
                excerpt = event.message[token.span.start : token.span.end][:400]
                found = Evidence("", event.row, event.source, event.position, excerpt, token.span)
                late.setdefault(window.not_after, (event.time - window.not_after, found))
                ages += [] if window.not_before is None else [event.time - window.not_before]
                break
    allowed = tolerance_of("", circumstances.trust.skew).late
    if any(figure <= allowed + _EXACT for figure, _ in late.values()):
        return []  # tolerated, or refused in the second in which the limit was crossed: that is waiting
    return _constant(late, sorted(ages))


def _constant(late: Mapping[datetime, tuple[timedelta, Evidence]], ages: Sequence[timedelta] = ()) -> list[Suggestion]:
    figures = sorted(figure for figure, _ in late.values())
    if len(figures) < _FEW or figures[-1] - figures[0] > _SPREAD or abs(figures[0]) > _BEYOND:
        return []
    middle = figures[len(figures) // 2]
    # A token is made at the issuer's present: what a zone has moved is its age, not the distance to its end.
    whole = quarter_shape(ages[len(ages) // 2] if ages else middle, timedelta(minutes=2))
    since = " since they were made" if ages else ""
    shape = f", about {in_words(abs(whole))}{since}, the shape of a zone or of daylight saving" if whole else ""
    text = (
        f"{len(figures)} different tokens were all refused {in_words(abs(middle))} {'after' if middle >= timedelta(0) else 'before'} their end, "
        f"within {in_words(figures[-1] - figures[0])}{shape}: they were fresh, and the clock or the zone of issuer or reader is off by a constant figure"
    )
    evidence = replace(next(iter(late.values()))[1], text=text)
    return [
        Suggestion(
            Cause.CLOCK_SKEW,
            97,
            text,
            supports=(evidence,),
            facts={"observed_delta_seconds": middle / timedelta(seconds=1)},
            overrules=(Cause.EXPIRED, Cause.DELAYED_PROCESSING),
        ),
        Suggestion(Cause.EXPIRED, 0, "", contradicts=(evidence,)),
    ]

"""Several refusals that miss the end of their tokens by one and the same figure: a clock or a zone, whatever one of them would suggest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from inspector.clock import in_words, quarter_shape
from inspector.dates import parse_time
from inspector.diagnosis.base import Cause, Circumstances, Incident, Signal, Suggestion
from inspector.diagnosis.signals import evidence_of

_FEW: Final = 3
"""Different tokens that it takes."""
_SPREAD: Final = timedelta(seconds=15)
"""How far the figures of different tokens may differ: network and handling, no more."""
_BEYOND: Final = timedelta(hours=26)
"""Later than that, no zone and no clock explains it."""


class Constancy:
    """Looks at the events of one shape together."""

    name = "constancy"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        del circumstances
        return constant_lateness(incident.alike)


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
    figures = sorted(figure for figure, _ in late.values())
    if len(figures) < _FEW or figures[-1] - figures[0] > _SPREAD or abs(figures[0]) > _BEYOND:
        return []
    middle = figures[len(figures) // 2]
    whole = quarter_shape(middle, timedelta(minutes=2))
    shape = f", about {in_words(abs(whole))}, the shape of a zone or of daylight saving" if whole else ""
    text = (
        f"{len(figures)} different tokens were all refused {in_words(abs(middle))} {'after' if middle >= timedelta(0) else 'before'} their end, "
        f"within {in_words(figures[-1] - figures[0])}{shape}: they were fresh, and the clock or the zone of issuer or reader is off by a constant figure"
    )
    evidence = evidence_of(next(iter(late.values()))[1], text)
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

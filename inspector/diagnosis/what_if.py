"""What another setting would have let pass: how many refused messages, and at what risk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from inspector.clock import in_words, tolerance_of
from inspector.diagnosis.arithmetic import figures_of, outside
from inspector.diagnosis.base import Known, WhatIf
from inspector.diagnosis.dictionary import Dictionary

_TOLERANCES: Final = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 60, 300, 600, 900, 3600))
_MOST: Final = 20_000
_CHUNK: Final = 500
_WIDE: Final = timedelta(minutes=5)
_TOO_WIDE: Final = timedelta(minutes=15)


def risk_of(tolerance: timedelta) -> str:
    """What a clock tolerance of this size costs."""
    if tolerance <= _WIDE:
        return "low: customary; a stolen token lives that much longer"
    if tolerance <= _TOO_WIDE:
        return "moderate: a captured message can be sent again for that long unless replay is detected"
    return "high: it hides a wrong clock or zone; set the clock instead"


class Settings:
    """For each stack that printed figures: how many of its refusals each tolerance would have let pass."""

    name = "what-if"

    def review(self, known: Known) -> Sequence[WhatIf]:
        return what_if(known)


def what_if(known: Known) -> tuple[WhatIf, ...]:
    """What each tolerance would have let pass."""
    beyond: dict[str, dict[int, timedelta]] = {}
    for signal, rows in known.timed:
        found = beyond.setdefault(signal.entry.stack, {})
        one = Dictionary((signal.entry,))
        looked = tuple(row for row in rows if (signal.entry.id, row) in known.outside) or rows[:_MOST]
        known.limits.met("refusals with printed times that another setting was tried on", len(looked), len(rows))
        waiting = []
        for row in looked:
            if (signal.entry.id, row) not in known.outside:
                waiting.append(row)
            elif (delta := known.outside[signal.entry.id, row]) is not None:
                found[row] = delta
        for start in range(0, len(waiting), _CHUNK):
            known.job.check()
            for event in known.fetch(waiting[start : start + _CHUNK]):
                for match in one.find(event):
                    if (delta := outside(match, figures_of(match))) is not None:
                        found[event.row] = delta
    outcome = []
    for stack, deltas in beyond.items():
        if not deltas:
            continue
        default = tolerance_of(stack, known.circumstances.trust.skew)
        name = f"allowed clock difference of {default.stack}" + (f" ({default.setting})" if default.setting else "")
        least = 0
        for tolerance in _TOLERANCES:
            passed = sum(1 for delta in deltas.values() if delta < tolerance)
            if passed > least:
                outcome.append(WhatIf(name, in_words(tolerance), passed, len(deltas) - passed, risk_of(tolerance)))
                least = passed
        if not least:
            outcome.append(WhatIf(name, in_words(_TOLERANCES[-1]), 0, len(deltas), risk_of(_TOLERANCES[-1])))
    return tuple(outcome)

"""What codes, faults, texts and events say by themselves: the innermost cause before its wrappers, a code before its wording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inspector.diagnosis.base import Cause, Circumstances, Incident, Signal, Suggestion
from inspector.diagnosis.signals import UNCONFIRMED, evidence_of, ranked

_SUPPORT: Final = 10
"""Weight from which an entry counts as evidence for a cause; below, the cause is conceivable, no more."""


class Codes:
    """Reads the dictionary's verdicts off the signals of an incident."""

    name = "codes"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        del circumstances
        suggestions = []
        for share, signal in ranked(incident.signals):
            entry = signal.entry
            for cause, weight in entry.causes.items():
                counted = weight * share if entry.confirmed else min(weight * share, UNCONFIRMED)
                suggestions.append(
                    Suggestion(
                        cause,
                        counted,
                        entry.why.get(cause, entry.meaning),
                        supports=(evidence_of(signal, _says(signal, cause)),) if counted >= _SUPPORT else (),
                        would_confirm=entry.confirm.get(cause, ()),
                        next_steps=entry.next_steps if share == 1.0 else (),
                    )
                )
        return suggestions


def _says(signal: Signal, cause: Cause) -> str:
    entry = signal.entry
    note = "" if entry.confirmed else " (not confirmed by a real sample)"
    nested = f", {signal.depth} exception(s) deep" if signal.depth else ""
    main = max(entry.causes, key=lambda name: entry.causes[name])
    hint = "" if cause is main else f"; {cause.value.replace('_', ' ')} is possible too"
    return f"{entry.title}{nested}{hint}{note}"

"""What the printed times and the tokens' own windows say, judged at the moment and by the clock of whoever refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inspector.clock import tolerance_of
from inspector.diagnosis.arithmetic import Judgement, figures_of, judge, judge_early, judge_late
from inspector.diagnosis.base import Circumstances, Evidence, Incident, Role, Suggestion
from inspector.diagnosis.contents import judged_windows
from inspector.diagnosis.signals import GUESSED, TIME_CAUSES, is_about_time, is_confirmed_failure


class Windows:
    """Computes what the printed times and the tokens' own windows say."""

    name = "windows"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        found: list[Suggestion] = []
        for signal in incident.signals:
            if signal.groups and signal.entry.role is not Role.CONTEXT:
                found += judge(signal, circumstances, figures_of(signal))
        if not found and is_about_time(incident.signals):
            found += self._of_tokens(incident, circumstances)
        if not is_confirmed_failure(incident.signals):
            found = [replace(suggestion, weight=min(suggestion.weight, GUESSED)) for suggestion in found]
        figured = {suggestion.cause for suggestion in found if suggestion.weight >= 60}
        if figured & TIME_CAUSES:
            best = max((s for s in found if s.cause in TIME_CAUSES), key=lambda s: s.weight)
            others = tuple(TIME_CAUSES - {best.cause})
            found.append(Suggestion(best.cause, best.weight, best.explanation, overrules=others))
        return found

    def _of_tokens(self, incident: Incident, circumstances: Circumstances) -> list[Suggestion]:
        found: list[Suggestion] = []
        stack = next((s.entry.stack for s in incident.signals if s.entry.stack), "")
        first_use = any(s.entry.first_use for s in incident.signals)
        for event in incident.events:
            now = circumstances.at or event.time
            if event.contents is None or now is None:
                continue
            by = "the moment that was set" if circumstances.at else "the event's own time"
            for token, window in judged_windows(event.contents.tokens):
                evidence = Evidence(
                    "", event.row, event.source, event.position, event.message[token.span.start : token.span.end][:400], token.span
                )
                case = Judgement(evidence, tolerance_of(stack, circumstances.trust.skew), first_use or window.kind == "message")
                if not event.zone_known and circumstances.at is None:
                    continue
                if window.not_before is not None and now < window.not_before - case.tolerance.early:
                    found += judge_early(case, window.not_before - now, by)
                elif window.not_after is not None and now >= window.not_after + case.tolerance.late:
                    life = None if window.not_before is None else window.not_after - window.not_before
                    age = None if window.not_before is None else now - window.not_before
                    found += judge_late(case, now - window.not_after, by, age, life)
        return found

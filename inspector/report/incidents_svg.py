"""Incidents over time as inline SVG: one line a finding, a bar wherever its events fall, with the same facts in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from inspector.clock import in_words
from inspector.diagnosis.base import Finding
from inspector.report.redaction import Redactor

_WIDTH: Final = 1040
_LEFT: Final = 60
_ROW: Final = 26
_BINS: Final = 120
_COLOURS: Final = {"error": "var(--error)", "warning": "var(--warning)", "info": "var(--info)"}


def incidents_svg(findings: Sequence[Finding], redactor: Redactor) -> tuple[Markup, tuple[str, ...]] | None:
    """The picture and its facts; None when fewer than two findings or events have a time, for then it says nothing."""
    timed = [(one, [event.time for event in one.events if event.time]) for one in findings]
    timed = [(one, times) for one, times in timed if times]
    moments = [moment for _, times in timed for moment in times]
    if len(moments) < 2 or max(moments) - min(moments) < timedelta(seconds=1):
        return None
    start, end = min(moments), max(moments)
    height = _ROW * len(timed) + 40
    parts = [
        Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img" aria-labelledby="incidents-title">').format(
            _WIDTH, height
        ),
        Markup('<title id="incidents-title">Findings from {} to {}</title>').format(_clock(start, end - start), _clock(end, end - start)),
    ]
    for number, (finding, times) in enumerate(timed):
        y = 12 + number * _ROW
        parts.append(Markup('<text x="12" y="{}" font-size="12" fill="var(--text)">{}</text>').format(y + 14, finding.id))
        parts.append(Markup('<line x1="{0}" y1="{1}" x2="{2}" y2="{1}" stroke="var(--line)"/>').format(_LEFT, y + 20, _WIDTH - 12))
        parts.extend(_bars(times, start, end - start, y, _COLOURS[finding.severity.value]))
    for fraction, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = _LEFT + fraction * (_WIDTH - 12 - _LEFT)
        label = _clock(start + (end - start) * fraction, end - start)
        parts.append(
            Markup('<text x="{:.0f}" y="{}" font-size="11" fill="var(--muted)" text-anchor="{}">{}</text>').format(
                x, height - 8, anchor, label
            )
        )
    parts.append(Markup("</svg>"))
    facts = tuple(
        f"{one.id}: {redactor.redact_sentence(one.title)}: {one.count:,} from {_clock(min(times), end - start)} to {_clock(max(times), end - start)}"
        + (f", over {in_words(max(times) - min(times))}" if max(times) > min(times) else "")
        for one, times in timed
    )
    return Markup("").join(parts), facts


def _bars(times: Sequence[datetime], start: datetime, whole: timedelta, y: int, colour: str) -> list[Markup]:
    counts = [0] * _BINS
    for moment in times:
        counts[min(_BINS - 1, int((moment - start) / whole * _BINS))] += 1
    step = (_WIDTH - 12 - _LEFT) / _BINS
    tallest = max(counts)
    return [
        Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>').format(
            _LEFT + number * step, y + 20 - (tall := 4 + 14 * count / tallest), max(2.0, step - 1), tall, colour
        )
        for number, count in enumerate(counts)
        if count
    ]


def _clock(moment: datetime, whole: timedelta) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC" if whole > timedelta(hours=1) else "%Y-%m-%d %H:%M:%S UTC")

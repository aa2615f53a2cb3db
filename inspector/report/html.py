"""The HTML report: one self-contained file without script, every text of the log escaped and redacted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from inspector.clock import in_words, offset_text
from inspector.diagnosis.base import Evidence, Finding, Hypothesis
from inspector.events import Problem, Source, ZoneBasis
from inspector.report.base import CAUSE_TITLES, InspectedEvent, Report, plural, shown_value, verdict_paragraph
from inspector.report.highlight import cut, payload_html, plain_html
from inspector.report.incidents_svg import incidents_svg
from inspector.report.redaction import Redactor
from inspector.report.timeline_svg import host_clock_figure, timeline_figure
from inspector.resources import resource_path
from inspector.tokens.base import Field, Token

ROWS_SHOWN: Final = 200
"""Events of one finding that its table lists; the rest are counted."""

_CONFIDENCE_STYLE: Final = {"high": "good", "medium": "", "low": "warning"}
_BASIS_WORDS: Final = {
    ZoneBasis.STATED: "stated in the log",
    ZoneBasis.INFERRED: "inferred",
    ZoneBasis.ASSUMED: "assumed",
    ZoneBasis.USER: "set by the user",
}
_NO_MICROSECONDS: Final = re.compile(r"(\.\d{3})000Z$")
_OPEN_LIMIT: Final = 12_000
"""Characters up to which an envelope is unfolded from the start."""


def report_html(report: Report, redactor: Redactor) -> str:
    """The whole document as text, to be written as UTF-8."""
    folder = resource_path("report")
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html.j2").render(_context(report, redactor, (folder / "report.css").read_text("utf-8")))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Shapes each part of a report for the template, with one redactor throughout."""

    report: Report
    redactor: Redactor

    def clean(self, text: str) -> Markup:
        """Redacted and escaped, pseudonyms marked."""
        return plain_html(self.redactor.redact(text))

    def say(self, sentence: str) -> Markup:
        """As ``clean``, for the program's own sentences."""
        return plain_html(self.redactor.redact_sentence(sentence))

    def finding(self, finding: Finding) -> dict[str, object]:
        shown = [self.report.inspected[row] for row in dict.fromkeys([*finding.rows, *_quoted(finding)]) if row in self.report.inspected]
        first = shown[0] if shown else None
        return {
            "id": finding.id,
            "severity": finding.severity.value,
            "title": self.say(finding.title),
            "cause": CAUSE_TITLES[finding.cause],
            "confidence": finding.confidence.value,
            "seen": _seen(finding),
            "timeline": self.timeline(first, finding.id) if first else None,
            "hypotheses": [self.hypothesis(one, finding.id) for one in finding.hypotheses],
            "next_steps": [self.say(one) for one in finding.next_steps],
            "facts": [_fact(name, value, self.clean) for name, value in finding.facts.items()],
            "events": [self.event(one, finding.id, first_shown=one is first) for one in shown],
            "rows": [self.row(one.row, one.source, one.position, one.time) for one in finding.events[:ROWS_SHOWN]],
            "rows_heading": _rows_heading(finding),
        }

    def hypothesis(self, hypothesis: Hypothesis, anchor: str) -> dict[str, object]:
        return {
            "cause": CAUSE_TITLES[hypothesis.cause],
            "confidence": hypothesis.confidence.value,
            "style": _CONFIDENCE_STYLE[hypothesis.confidence.value],
            "explanation": self.say(hypothesis.explanation),
            "supports": [self.evidence(one, anchor) for one in hypothesis.supports],
            "contradicts": [self.evidence(one, anchor) for one in hypothesis.contradicts],
            "would_confirm": [self.say(one) for one in hypothesis.would_confirm],
        }

    def evidence(self, evidence: Evidence, anchor: str) -> dict[str, object]:
        return {
            "text": self.say(evidence.text),
            "excerpt": self.clean(_shorten(evidence.excerpt)),
            "where": ", ".join(part for part in (self.redactor.redact(evidence.source), evidence.position) if part),
            "anchor": self.anchor_of(evidence.row, anchor),
        }

    def anchor_of(self, row: int | None, finding_id: str) -> str:
        """Where the report shows a row: under the given finding if there, else under the first that does; empty where it does not."""
        if row is None or row not in self.report.inspected:
            return ""
        shown_by = [one.id for one in self.report.findings if row in (*one.rows, *_quoted(one))]
        return f"{finding_id if finding_id in shown_by else shown_by[0]}-event-{row}" if shown_by else ""

    def timeline(self, event: InspectedEvent, anchor: str) -> dict[str, object] | None:
        if event.timeline is None:
            return None
        clean = self.redactor.redact
        return {
            "svg": timeline_figure(event.timeline, f"{anchor}-timeline", clean, offset=event.source.zone.offset or None),
            "summary": self.say(event.timeline.summary),
            "facts": [self.say(one) for one in event.timeline.facts],
        }

    def event(self, event: InspectedEvent, anchor: str, *, first_shown: bool) -> dict[str, object]:
        own = frozenset(self.own_symbols(event))
        return {
            "anchor": f"{anchor}-event-{event.row}",
            "heading": self.clean(
                f"{event.provider or event.source.format}{'' if event.event_id is None else f', event {event.event_id}'}, {event.position}"
            ),
            "subline": self.clean(
                " · ".join(
                    part
                    for part in (
                        event.level.title,
                        f"{_utc(event.time)} UTC" if event.time else "no time",
                        event.time_note,
                        event.computer,
                        event.user,
                        event.source.name,
                    )
                    if part
                )
            ),
            "notes": [self.clean(note.text) for note in self.report.notes if note.row == event.row],
            "payloads": [
                {
                    "title": self.clean(payload.title),
                    "open": first_shown and len(payload.pretty) <= _OPEN_LIMIT,
                    "problems": [self.clean(one) for one in payload.problems],
                    "body": payload_html(payload, self.redactor.redact(payload.pretty), own),
                }
                for payload in event.contents.payloads
            ],
            "tokens": [self.token(one) for one in event.contents.tokens],
            "message": self.clean(cut(event.message)),
        }

    def own_symbols(self, event: InspectedEvent) -> Iterable[str]:
        for payload in event.contents.payloads:
            for exception in getattr(payload, "exceptions", ()):
                for frame in exception.frames:
                    if frame.own:
                        yield frame.symbol

    def token(self, token: Token) -> dict[str, object]:
        return {
            "title": self.say(token.title),
            "fields": [{"name": one.name, "value": self.field_value(one), "note": self.clean(one.note)} for one in token.fields],
            "checks": [
                {"name": one.name.capitalize(), "outcome": one.outcome.value, "style": one.outcome.value, "reason": self.say(one.reason)}
                for one in token.checks
            ],
            "problems": [self.clean(one) for one in token.problems],
            "inner": [self.token(one) for one in token.inner],
        }

    def field_value(self, field: Field) -> Markup:
        return plain_html(_shorten(shown_value(field, self.redactor)))

    def row(self, row: int, source: str, position: str, time: datetime | None) -> dict[str, object]:
        return {
            "utc": _utc(time) if time else "",
            "local": self.local(source, time),
            "source": self.clean(source),
            "position": position,
            "row": row,
        }

    def local(self, source: str, time: datetime | None) -> str:
        zone = next((one.zone for one in self.report.sources if one.name == source), None)
        if time is None or zone is None or (zone.basis is ZoneBasis.ASSUMED and not zone.offset):
            return ""
        return f"{(time + zone.offset).strftime('%H:%M:%S')} {offset_text(zone.offset)}"

    def problem(self, problem: Problem) -> dict[str, object]:
        return {"source": self.clean(problem.source), "position": problem.position, "reason": self.clean(problem.reason)}

    def source(self, source: Source) -> dict[str, object]:
        zone = source.zone
        words = f"UTC{offset_text(zone.offset) if zone.offset else ''}, {_BASIS_WORDS[zone.basis]}: {zone.evidence}"
        if source.date_order:
            words += f". Dates: {source.date_order}"
        return {
            "name": self.clean(source.name),
            "format": source.format + (f" ({source.encoding})" if source.encoding else ""),
            "size": f"{source.size:,}",
            "events": f"{source.events:,}",
            "zone": self.clean(words),
            "sha256": source.sha256 or "not computed",
        }


def _context(report: Report, redactor: Redactor, css: str) -> Mapping[str, object]:
    writer = _Writer(report, redactor)
    diagnosis = report.diagnosis
    worst = report.findings[0].severity.value if report.findings else "none"
    findings = [writer.finding(one) for one in report.findings]
    pictured = incidents_svg(report.findings, redactor)
    context: dict[str, object] = {
        "title": report.title,
        "css": Markup(css),  # noqa: S704 - our own style sheet
        "meta": f"{report.created.astimezone(UTC).strftime('%Y-%m-%d %H:%M UTC')} · {report.program.name} {report.program.version} · "
        f"{plural(len(report.sources), 'source')}, {plural(report.events, 'event')}",
        "verdict": writer.say(verdict_paragraph(report)),
        "verdict_style": worst,
        "findings": findings,
        "incidents": {"svg": pictured[0], "facts": [writer.say(one) for one in pictured[1]]} if pictured else None,
        "coverage": [
            {"question": writer.say(one.question), "answer": writer.say(one.answer), "ask_for": writer.say(one.ask_for)}
            for one in diagnosis.coverage
        ],
        "clocks": [
            {
                "host": writer.clean(one.host),
                "offset": _signed(one.offset),
                "basis": writer.say(one.basis),
                "svg": host_clock_figure(one.usual, f"clock-{number}", redactor.redact) if one.usual else None,
            }
            for number, one in enumerate(diagnosis.clocks, 1)
        ],
        "what_if": [
            {
                "setting": writer.say(one.setting),
                "value": writer.say(one.value),
                "passed": one.passed,
                "refused": one.refused,
                "risk": writer.say(one.risk),
            }
            for one in diagnosis.what_if
        ],
        "advice": [
            {
                "title": writer.say(one.title),
                "text": writer.say(one.text),
                "evidence": [writer.evidence(item, "") for item in one.evidence],
            }
            for one in diagnosis.advice
        ],
        "sources": [writer.source(one) for one in report.sources],
        "problems": [writer.problem(one) for one in report.problems if not one.notice],
        "notices": [writer.problem(one) for one in report.problems if one.notice],
        "method": _method(report, redactor),
        "footer": f"{report.program.name} {report.program.version}. Made on the machine that holds the logs; nothing was sent anywhere.",
    }
    replacements = redactor.replacements
    context["replacements"] = replacements
    context["replacements_heading"] = f"{plural(len(replacements), 'value')} replaced in this report"
    context["contents"] = [
        *((one["id"], Markup("{} {}").format(one["id"], one["cause"])) for one in findings),
        *((anchor, heading) for anchor, heading in _SECTIONS if context.get(anchor.replace("-", "_"))),
        ("method", "How this report was made"),
    ]
    return context


_SECTIONS: Final = (
    ("incidents", "Incidents over time"),
    ("coverage", "Coverage"),
    ("clocks", "Clocks"),
    ("what-if", "What if"),
    ("advice", "Advice"),
    ("sources", "Sources"),
)


def _method(report: Report, redactor: Redactor) -> str:
    chosen = (
        ""
        if len(report.findings) == len(report.diagnosis.findings)
        else f" It shows {len(report.findings)} of {len(report.diagnosis.findings)} findings, as chosen."
    )
    filtered = f" Active filter: {redactor.redact(report.filter_english)}." if report.filter_english else ""
    hidden = (
        f" Replaced by numbered pseudonyms, equal values by equal ones: {', '.join(sorted(kind.value for kind in redactor.kinds))}."
        if redactor.kinds
        else " Nothing was redacted: treat this file as you would treat the logs themselves."
    )
    return (
        "Each event was judged at the moment its receiver judged it, with the clock tolerance of the software that did so, never at the time of this report. "
        f"Times are UTC; where a log states no zone, the table of sources says how it was found.{chosen}{filtered}{hidden}"
    )


def _quoted(finding: Finding) -> list[int]:
    return [one.row for hypothesis in finding.hypotheses for one in (*hypothesis.supports, *hypothesis.contradicts) if one.row is not None]


def _seen(finding: Finding) -> str:
    if not finding.first_time:
        return f"{finding.count:,}×"
    if finding.count == 1 or finding.last_time is None or finding.last_time == finding.first_time:
        return f"{finding.count:,}×, {_utc(finding.first_time)} UTC"
    return f"{finding.count:,}×, {_utc(finding.first_time)} to {_utc(finding.last_time)} UTC"


def _rows_heading(finding: Finding) -> str:
    shown = min(len(finding.events), ROWS_SHOWN)
    return f"Events ({finding.count:,})" if shown == finding.count else f"Events (first {shown:,} of {finding.count:,})"


def _fact(name: str, value: str | float, clean: Callable[[str], str]) -> tuple[str, str]:
    """A fact as a person reads it: ``Observed delta``, ``-7 min 5 s (-424.909 s)``."""
    if isinstance(value, str):
        return _title(name), clean(_NO_MICROSECONDS.sub(r"\1Z", value))
    if name.endswith("_seconds"):
        words, seconds = in_words(timedelta(seconds=value)), f"{value:g} s"
        return _title(name.removesuffix("_seconds")), words if words == seconds else f"{words} ({seconds})"
    return _title(name), f"{value:g}"


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _utc(moment: datetime) -> str:
    text = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}" if moment.microsecond else text


def _signed(offset: timedelta) -> str:
    return f"{'-' if offset < timedelta(0) else '+'}{in_words(abs(offset))}" if offset else "none"


def _shorten(text: str, limit: int = 600) -> str:
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"

"""Findings and one event as text for a terminal: lines with a style each, safe to print whatever the log holds."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from inspector.clock import offset_text
from inspector.diagnosis.base import Evidence, Finding
from inspector.events import MessageFrom, ZoneBasis
from inspector.printable import printable
from inspector.report.base import CAUSE_TITLES, InspectedEvent, Report, iso, shown_value
from inspector.report.redaction import Redactor
from inspector.timeline.text import timeline_bars
from inspector.tokens.base import Token


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text and how a terminal with colours shows it (a style of Rich; empty for plain)."""

    text: str
    style: str = ""


_STYLES: Final = {"error": "bold red", "warning": "bold yellow", "info": "bold blue"}


def findings_lines(report: Report, redactor: Redactor, width: int) -> Iterator[Line]:
    """The diagnosis as a person reads it in a terminal ``width`` characters wide."""
    for line in _findings(report, redactor, max(40, width)):
        yield Line(printable(line.text), line.style)


def _findings(report: Report, redactor: Redactor, width: int) -> Iterator[Line]:
    clean, say = redactor.redact, redactor.redact_sentence
    for source in report.sources:
        zone = source.zone
        known = (
            "" if zone.basis is ZoneBasis.STATED else f", times at UTC{offset_text(zone.offset)} ({zone.basis.value}: {say(zone.evidence)})"
        )
        yield from _wrapped(f"{clean(source.name)}: {source.format}, {source.events:,} events{known}", width, "", "dim")
    for problem in report.problems:
        yield from _wrapped(
            f"{'note' if problem.notice else 'not read'}: {clean(problem.source)}, {problem.position}: {say(problem.reason)}",
            width,
            "",
            "yellow",
        )
    yield Line("")
    if not report.findings:
        nothing = Line("No refused token and no risk found.", "green")
        yield nothing if report.events else Line("No event was read, so nothing can be said.", "yellow")
        yield Line("")
    for finding in report.findings:
        yield from _finding(finding, redactor, width)
    if report.diagnosis.clocks:
        yield Line("Clocks", "bold")
        for clock in report.diagnosis.clocks:
            yield from _wrapped(f"{clean(clock.host)}: {clock.offset.total_seconds():+g} s ({say(clock.basis)})", width, "  ")
        yield Line("")
    if report.diagnosis.coverage:
        yield Line("What this log can and cannot answer", "bold")
        for one in report.diagnosis.coverage:
            yield from _wrapped(f"{say(one.question)} {say(one.answer)}.", width, "  ")
            if one.ask_for:
                yield from _wrapped(f"ask for: {say(one.ask_for)}", width, "    ", "cyan")
        yield Line("")
    if report.diagnosis.what_if:
        yield Line("What if", "bold")
        for what_if in report.diagnosis.what_if:
            yield from _wrapped(
                say(
                    f"{what_if.setting} {what_if.value}: {what_if.passed:,} of {what_if.passed + what_if.refused:,} would pass. {what_if.risk}"
                ),
                width,
                "  ",
            )
        yield Line("")
    if report.diagnosis.advice:
        yield Line("Advice", "bold")
        for advice in report.diagnosis.advice:
            yield from _wrapped(say(f"{advice.title}: {advice.text}"), width, "  ")
        yield Line("")


def _finding(finding: Finding, redactor: Redactor, width: int) -> Iterator[Line]:
    clean, say = redactor.redact, redactor.redact_sentence
    yield from _wrapped(f"{finding.id} {finding.severity.value.upper()}  {say(finding.title)}", width, "", _STYLES[finding.severity.value])
    when = f", {iso(finding.first_time)}" if finding.first_time else ""
    if finding.first_time and finding.last_time and finding.last_time != finding.first_time:
        when += f" to {iso(finding.last_time)}"
    yield Line(
        f"   {CAUSE_TITLES[finding.cause]} ({finding.cause.value}), {finding.confidence.value} confidence, {finding.count:,}×{when}", "bold"
    )
    for number, hypothesis in enumerate(finding.hypotheses, 1):
        yield from _wrapped(
            f"{number}. {hypothesis.cause.value} ({hypothesis.confidence.value}): {say(hypothesis.explanation)}", width, "   ", hanging=3
        )
        yield from _evidence("+", hypothesis.supports, redactor, width, "green")
        yield from _evidence("-", hypothesis.contradicts, redactor, width, "red")
        for text in hypothesis.would_confirm:
            yield from _wrapped(f"? {say(text)}", width, "      ", "yellow", hanging=2)
    if finding.facts:
        longest = max(len(name) for name in finding.facts)
        for name, value in finding.facts.items():
            yield from _wrapped(f"{name.ljust(longest)}  {clean(str(value))}", width, "   ", "dim", hanging=longest + 2)
    for step in finding.next_steps:
        yield from _wrapped(f"> {say(step)}", width, "   ", "cyan", hanging=2)
    yield Line("")


def _evidence(sign: str, all_evidence: Iterable[Evidence], redactor: Redactor, width: int, style: str) -> Iterator[Line]:
    for evidence in all_evidence:
        where = ", ".join(part for part in (redactor.redact(evidence.source), evidence.position) if part)
        excerpt = " ".join(redactor.redact(evidence.excerpt).split())
        quoted = f": {excerpt[:200]}{'…' if len(excerpt) > 200 else ''}" if excerpt else ""
        yield from _wrapped(
            f"{sign} {redactor.redact_sentence(evidence.text)}{quoted}" + (f" [{where}]" if where else ""),
            width,
            "      ",
            style,
            hanging=2,
        )


def event_lines(event: InspectedEvent, redactor: Redactor, width: int) -> Iterator[Line]:
    """One event: fields, payloads, tokens and timeline in words."""
    for line in _event(event, redactor, max(40, width)):
        for part in printable(line.text).split("\n"):
            yield Line(part, line.style)


def _event(event: InspectedEvent, redactor: Redactor, width: int) -> Iterator[Line]:
    clean = redactor.redact
    yield from _wrapped(clean(event.summary), width, "", "bold")
    yield Line("")
    facts = {
        "Source": f"{event.source.name}, {event.position}",
        "Time": f"{iso(event.time)} ({event.time_note})" if event.time else "none",
        "Level": event.level.title,
        "Provider": event.provider,
        "Event ID": "" if event.event_id is None else str(event.event_id),
        "Channel": event.channel,
        "Computer": event.computer,
        "User": event.user,
    }
    for name, value in facts.items():
        if value:
            yield Line(f"{name + ':':<10}{clean(value)}")
    if event.timeline:
        yield Line("")
        yield Line("Timeline", "bold")
        yield from _wrapped(clean(event.timeline.summary), width, "  ")
        yield from (Line(f"  {line}") for bars in timeline_bars(event.timeline, width - 2) for line in clean(bars).splitlines())
        for fact in event.timeline.facts:
            yield from _wrapped(f"- {clean(fact)}", width, "  ", hanging=2)
    for payload in event.contents.payloads:
        yield Line("")
        yield Line(clean(payload.title), "bold")
        for problem in payload.problems:
            yield from _wrapped(clean(problem), width, "  ", "yellow")
        yield from (Line(f"  {line}") for line in clean(payload.pretty).splitlines())
    for token in event.contents.tokens:
        yield Line("")
        yield from _token(token, redactor, width, "")
    if not event.contents.payloads:
        yield Line("")
        yield Line("Message" if event.message_from is MessageFrom.LOG else f"Message ({event.message_from.words})", "bold")
        yield from (Line(f"  {line}") for line in clean(event.message).splitlines())


def _token(token: Token, redactor: Redactor, width: int, indent: str) -> Iterator[Line]:
    yield Line(f"{indent}{redactor.redact(token.title)}", "bold")
    for field in token.fields:
        note = f"  ({redactor.redact(field.note)})" if field.note else ""
        yield from _wrapped(f"{field.name}: {shown_value(field, redactor)}{note}", width, f"{indent}  ", hanging=2)
    for check in token.checks:
        style = {"passed": "green", "failed": "red"}.get(check.outcome.value, "dim")
        yield from _wrapped(
            f"{check.name} {check.outcome.value}: {redactor.redact_sentence(check.reason)}", width, f"{indent}  ", style, hanging=2
        )
    for problem in token.problems:
        yield from _wrapped(redactor.redact(problem), width, f"{indent}  ", "yellow")
    for inner in token.inner:
        yield from _token(inner, redactor, width, f"{indent}  ")


def _wrapped(text: str, width: int, indent: str, style: str = "", hanging: int = 0) -> Iterator[Line]:
    flat = " ".join(text.split(" ")).replace("\n", " ")
    lines = textwrap.wrap(
        flat, width, initial_indent=indent, subsequent_indent=indent + " " * hanging, break_long_words=False, break_on_hyphens=False
    )
    yield from (Line(line, style) for line in lines or [indent])

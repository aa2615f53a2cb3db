"""The findings as JSON: the stable contract that scripts read (``"schema": 1``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from inspector.clock import offset_text
from inspector.diagnosis.base import Diagnosis, Evidence, Finding, Hypothesis
from inspector.events import Source
from inspector.report.base import InspectedEvent, Report, iso, shown_value
from inspector.report.redaction import Redactor
from inspector.tokens.base import Token, ValidityWindow

SCHEMA: Final = 1
"""Rises when a reader of the older form would misread the newer one; added names do not count."""

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | float | bool | None


def findings_document(report: Report, redactor: Redactor) -> dict[str, Json]:
    """The document of the contract, every text redacted."""
    diagnosis = report.diagnosis
    return {
        "schema": SCHEMA,
        "program": {"name": report.program.name, "version": report.program.version},
        "sources": [_source(source, redactor.redact) for source in report.sources],
        "problems": [
            {
                "source": redactor.redact(one.source),
                "position": one.position,
                "reason": redactor.redact(one.reason),
                "lost": one.lost,
                "notice": one.notice,
            }
            for one in report.problems
        ],
        "findings": [_finding(finding, redactor) for finding in report.findings],
        **_whole_log(diagnosis, redactor.redact_sentence),
    }


def findings_json(report: Report, redactor: Redactor) -> str:
    """The same as indented text that ends with a line feed."""
    return json.dumps(findings_document(report, redactor), indent=1, ensure_ascii=False) + "\n"


def event_document(event: InspectedEvent, redactor: Redactor) -> dict[str, Json]:
    """One event, looked into, every text redacted."""
    clean = redactor.redact
    timeline = event.timeline
    return {
        "schema": SCHEMA,
        "source": clean(event.source.name),
        "position": event.position,
        **({"time": iso(event.time)} if event.time else {}),
        "time_note": clean(event.time_note),
        "level": event.level.title,
        "provider": event.provider,
        "event_id": event.event_id,
        "channel": event.channel,
        "computer": clean(event.computer),
        "user": clean(event.user),
        "summary": redactor.redact_sentence(event.summary),
        "message": clean(event.message),
        "message_from": event.message_from.name.lower(),
        "fields": [{"name": clean(name), "value": redactor.redact_field(name, value)} for name, value in event.fields],
        "payloads": [
            {
                "kind": one.kind,
                "title": clean(one.title),
                "span": [one.span.start, one.span.end],
                "pretty": clean(one.pretty),
                "problems": [clean(text) for text in one.problems],
            }
            for one in event.contents.payloads
        ],
        "tokens": [_token(one, redactor) for one in event.contents.tokens],
        "timeline": None
        if timeline is None
        else {
            "summary": redactor.redact_sentence(timeline.summary),
            **({"judged_at": iso(timeline.judged_at)} if timeline.judged_at else {}),
            "judged_by": clean(timeline.judged_by),
            "lanes": [
                {
                    **_window(lane.window),
                    "skew_seconds": lane.skew.total_seconds(),
                    "verdict": lane.verdict.value,
                    "delta_seconds": lane.delta.total_seconds(),
                    "words": clean(lane.words),
                }
                for lane in timeline.lanes
            ],
        },
    }


def event_json(event: InspectedEvent, redactor: Redactor) -> str:
    """The same as indented text that ends with a line feed."""
    return json.dumps(event_document(event, redactor), indent=1, ensure_ascii=False) + "\n"


def _window(window: ValidityWindow) -> dict[str, Json]:
    return {
        "label": window.label,
        "belongs_to": window.belongs_to,
        **({"not_before": iso(window.not_before)} if window.not_before else {}),
        **({"not_after": iso(window.not_after)} if window.not_after else {}),
    }


def _token(token: Token, redactor: Redactor) -> Json:
    clean = redactor.redact
    return {
        "kind": token.kind,
        "title": clean(token.title),
        "fields": [{"name": one.name, "value": shown_value(one, redactor), "note": clean(one.note)} for one in token.fields],
        "windows": [_window(one) for one in token.windows],
        "checks": [
            {"name": one.name, "outcome": one.outcome.value, "reason": redactor.redact_sentence(one.reason), "cause": one.cause}
            for one in token.checks
        ],
        "algorithm": token.algorithm,
        "issuer": clean(token.issuer),
        "audience": [clean(one) for one in token.audience],
        "subject": clean(token.subject),
        "problems": [clean(one) for one in token.problems],
        "inner": [_token(one, redactor) for one in token.inner],
    }


def _source(source: Source, clean: Callable[[str], str]) -> Json:
    zone = source.zone
    return {
        "path": clean(source.name),
        "format": source.format,
        "size": source.size,
        "sha256": source.sha256,
        "encoding": source.encoding,
        "events": source.events,
        "problems": [{"position": one.position, "reason": clean(one.reason)} for one in source.problems],
        "zone": {"offset": offset_text(zone.offset), "basis": zone.basis.value, "evidence": clean(zone.evidence)},
        **({"date_order": source.date_order} if source.date_order else {}),
    }


def _evidence(evidence: Evidence, redactor: Redactor) -> Json:
    clean = redactor.redact
    given: dict[str, Json] = {"text": redactor.redact_sentence(evidence.text)}
    if evidence.source:
        given["source"] = clean(evidence.source)
    if evidence.position:
        given["position"] = evidence.position
    if evidence.excerpt:
        given["excerpt"] = clean(evidence.excerpt)
    return given


def _hypothesis(hypothesis: Hypothesis, redactor: Redactor) -> Json:
    say = redactor.redact_sentence
    return {
        "cause": hypothesis.cause.value,
        "confidence": hypothesis.confidence.value,
        "explanation": say(hypothesis.explanation),
        "supports": [_evidence(one, redactor) for one in hypothesis.supports],
        "contradicts": [_evidence(one, redactor) for one in hypothesis.contradicts],
        "would_confirm": [say(one) for one in hypothesis.would_confirm],
    }


def _finding(finding: Finding, redactor: Redactor) -> Json:
    clean, say = redactor.redact, redactor.redact_sentence
    given: dict[str, Json] = {
        "id": finding.id,
        "severity": finding.severity.value,
        "title": say(finding.title),
        "cause": finding.cause.value,
        "confidence": finding.confidence.value,
        "hypotheses": [_hypothesis(one, redactor) for one in finding.hypotheses],
        "facts": {name: clean(value) if isinstance(value, str) else value for name, value in finding.facts.items()},
        "next_steps": [say(one) for one in finding.next_steps],
        "events": [
            {"source": clean(one.source), "position": one.position, **({"time": iso(one.time)} if one.time else {})}
            for one in finding.events
        ],
        "count": finding.count,
    }
    if finding.first_time:
        given["first_time"] = iso(finding.first_time)
    if finding.last_time:
        given["last_time"] = iso(finding.last_time)
    return given


def _whole_log(diagnosis: Diagnosis, say: Callable[[str], str]) -> dict[str, Json]:
    return {
        "clock": {
            "hosts": [
                {"host": say(one.host), "offset_seconds": one.offset.total_seconds(), "basis": say(one.basis), "events": one.events}
                for one in diagnosis.clocks
            ],
        },
        "coverage": [{"question": say(one.question), "answer": say(one.answer), "ask_for": say(one.ask_for)} for one in diagnosis.coverage],
        "what_if": [
            {
                "setting": say(one.setting),
                "value": say(one.value),
                "passed": one.passed,
                "refused": one.refused,
                "risk": say(one.risk),
            }
            for one in diagnosis.what_if
        ],
        "advice": [{"title": say(one.title), "text": say(one.text)} for one in diagnosis.advice],
    }

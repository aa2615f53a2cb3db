"""Builds reports in which every text is the one given, so that a test can see where it ends up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from inspector.diagnosis.base import (
    Advice,
    Cause,
    Confidence,
    Coverage,
    Diagnosis,
    EventRef,
    Evidence,
    Finding,
    HostClock,
    Hypothesis,
    Severity,
    WhatIf,
)
from inspector.events import Level, MessageFrom, Problem, Source, Zone, ZoneBasis
from inspector.payloads.base import Contents, Payload
from inspector.report.base import Note, Program, Report
from inspector.session import Detail
from inspector.timeline import Instant, Lane, Timeline, UsualArrival, Verdict
from inspector.timeline.model import ClockSample
from inspector.tokens.base import Check, Field, Outcome, Span, Token, ValidityWindow

MOMENT = datetime(2026, 1, 26, 9, 21, 49, tzinfo=UTC)


def usual_arrival(text: str) -> UsualArrival:
    """A clock over time with a text wherever it has one."""
    second = timedelta(seconds=1)
    samples = tuple(ClockSample(MOMENT + timedelta(minutes=number), -second, second * 0, second, 5) for number in range(3))
    return UsualArrival(text, 15, -second, second * 0, second, text, samples)


def report_of(text: str, kinds: tuple[str, ...] = ("soap", "stack_trace", "json")) -> Report:
    """A report with one finding in which every text of a log, and every sentence about it, is ``text``."""
    problem = Problem(text, "line 3", text, 1)
    source = Source(
        1,
        Path("/logs/x"),
        text,
        "event_viewer_text",
        10,
        "0" * 64,
        "utf-8",
        "",
        2,
        (problem,),
        Zone(timedelta(hours=1), ZoneBasis.INFERRED, text),
    )
    window = ValidityWindow("wsu:Timestamp", MOMENT, MOMENT + timedelta(minutes=5), "Created", "Expires")
    timeline = Timeline(
        (Lane(window, timedelta(minutes=5), Verdict.IN_TIME, timedelta(0), text),),
        (Instant(text, MOMENT, "logged", text),),
        MOMENT,
        text,
        Verdict.IN_TIME,
        text,
        text,
        (text, text),
    )
    token = Token(
        "username",
        text,
        Span(0, 1),
        (Field("Username", text), Field("Password", "hunter2hunter2", secret=True, note=text)),
        (window,),
        (Check("lifetime", Outcome.FAILED, text, "expired"),),
        problems=(text,),
        inner=(Token("x509", text, Span(0, 1)),),
    )
    payloads = tuple(Payload(kind, text, Span(0, 1), f"<a>{text}</a>" if kind == "soap" else text, (text,)) for kind in kinds)
    detail = Detail(
        row=0,
        source=source,
        position="record 1",
        time=MOMENT,
        time_note=text,
        level=Level.ERROR,
        provider=text,
        event_id=0,
        channel=text,
        computer=text,
        user=text,
        message=text,
        message_from=MessageFrom.LOG,
        raw=text,
        fields=((text, text),),
        contents=Contents(payloads, (token,)),
        timeline=timeline,
        summary=text,
    )
    evidence = Evidence(text, 0, text, "record 1", text, Span(0, 1))
    later = MOMENT + timedelta(minutes=7)
    finding = Finding(
        id="F1",
        severity=Severity.ERROR,
        title=text,
        hypotheses=(Hypothesis(Cause.BAD_CREDENTIALS, Confidence.HIGH, text, (evidence,), (evidence,), (text,)),),
        facts={"fault_code": text, "observed_delta_seconds": 3.5},
        next_steps=(text,),
        events=(EventRef(0, text, "record 1", MOMENT), EventRef(1, text, "record 2", later)),
        rows=(0, 1),
        count=2,
        first_time=MOMENT,
        last_time=later,
    )
    diagnosis = Diagnosis(
        (finding,),
        (HostClock(text, timedelta(seconds=-41), text, 9, usual_arrival(text)),),
        (Coverage(text, text, text),),
        (WhatIf("skew", "10 min", 1, 2, text),),
        (Advice(text, text, (evidence,)),),
        {0: "F1", 1: "F1"},
    )
    return Report(
        program=Program("Token Log Inspector", "0.0"),
        created=MOMENT,
        diagnosis=diagnosis,
        findings=diagnosis.findings,
        sources=(source,),
        problems=(problem,),
        events=2,
        inspected={0: detail},
        filter_english=text,
        notes=(Note(0, text),),
    )

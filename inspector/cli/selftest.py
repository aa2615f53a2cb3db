"""Opens the bundled sample through every layer, so that a broken installation says which part is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from inspector.cli.opening import PROGRAM
from inspector.job import Job
from inspector.report.base import Report, gather, redactor_for
from inspector.report.html import report_html
from inspector.report.json_contract import findings_json
from inspector.report.redaction import ALWAYS
from inspector.resources import resource_path
from inspector.session import Options, Session
from inspector.workspace import Workspace

SAMPLE = "samples/session-manager.txt"


def run_selftest(say: Callable[[str], None]) -> int:
    """Print ``ok`` or ``FAILED`` with the reason for each check; 0 when all passed, 1 otherwise."""
    failures = 0
    try:
        for name, passed in _checks():
            say(f"{'ok    ' if passed else 'FAILED'} {name}")
            failures += not passed
    except Exception as error:  # noqa: BLE001 - a self test names whatever breaks it
        say(f"FAILED {type(error).__name__}: {error}")
        failures += 1
    say(f"{'all checks passed' if not failures else f'{failures} failed'}")
    return int(failures > 0)


def _checks() -> Iterator[tuple[str, bool]]:
    path = resource_path(SAMPLE)
    yield f"sample is bundled ({path.name})", path.is_file()
    job = Job()
    session = Session(Options(workers=1))
    try:
        session.open([path], job)
        yield "worker processes read the sample", len(session) > 0
        yield "nothing of it is lost", not session.problems
        yield "the filter language selects", 0 < len(session.select("level:error", job)) <= len(session)
        details = [session.inspect(row) for row in range(len(session))]
        yield "an envelope is recognised", any(payload.kind == "soap" for one in details for payload in one.contents.payloads)
        yield "a stack trace is recognised", any(payload.kind == "stack_trace" for one in details for payload in one.contents.payloads)
        yield "a token is recognised", any(one.contents.tokens for one in details)
        yield "a timeline is built", any(one.timeline for one in details)
        report = gather(session, job, program=PROGRAM, now=datetime.now(UTC))
        yield "the diagnosis finds the refusal", any(finding.severity == "error" for finding in report.findings)
        yield from _exports(report)
    finally:
        session.close()


def _exports(report: Report) -> Iterator[tuple[str, bool]]:
    redactor = redactor_for(report, ALWAYS)
    yield "findings are written as JSON", '"schema": 1' in findings_json(report, redactor)
    with Workspace() as workspace:
        path = workspace.write("report.html", report_html(report, redactor).encode("utf-8", "replace"))
        yield "the report is written as HTML", path.stat().st_size > 0

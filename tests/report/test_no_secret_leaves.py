"""Secrets of every kind, planted in a log of every format, are in no export."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from inspector.diagnosis.base import Cause, Confidence, Diagnosis, EventRef, Evidence, Finding, Hypothesis, Severity
from inspector.formats import FORMATS
from inspector.job import Job
from inspector.report.base import Program, Report, known_secrets
from inspector.report.finding_rows import write_findings_json_lines, write_findings_parquet
from inspector.report.html import report_html
from inspector.report.json_contract import event_json, findings_json
from inspector.report.markdown import findings_markdown
from inspector.report.redaction import Redactor
from inspector.report.tables import EXPORT_COLUMNS, rows_of, write_csv, write_ecs, write_json_lines, write_parquet
from inspector.report.text import event_lines, findings_lines
from inspector.session import Options, Session
from tests.builders import evt
from tests.builders.evtx import EventSpec, write_evtx
from tests.formats.samples import SAMPLES

JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSJ9.Pl4ntedSignatureOfTheToken000000000000000000"
PLANTED = {
    "password": "Pl4nted-pw-01",
    "element": "Pl4ntedElem02",
    "nonce": "Pl4ntedNonce03w==",
    "signature": "Pl4ntedSignatureValue04==",
    "bearer": JWT,
    "client secret": "Pl4nted~sec~05",
    "session token": "Pl4ntedSession06EXAMPLE",
    "basic": "YWxpY2U6UGw0bnRlZC1wdzA3",
    "private": "Pl4ntedPrivateKey08",
    "cookie": "Pl4ntedCookie09",
}
CARRIER = (
    f"password={PLANTED['password']} &lt;wsse:Password&gt;{PLANTED['element']}&lt;/wsse:Password&gt; "
    f"&lt;Nonce&gt;{PLANTED['nonce']}&lt;/Nonce&gt; &lt;SignatureValue&gt;{PLANTED['signature']}&lt;/SignatureValue&gt; "
    f"Authorization: Bearer {PLANTED['bearer']} client_secret={PLANTED['client secret']} x-amz-security-token: {PLANTED['session token']} "
    f"Authorization: Basic {PLANTED['basic']} -----BEGIN PRIVATE KEY-----{PLANTED['private']}-----END PRIVATE KEY----- Cookie: FedAuth={PLANTED['cookie']}"
)
"""Without quotes, line ends or angle brackets, so that it fits into every format as it is."""
FORBIDDEN = [*PLANTED.values(), "Pl4nted"]
SPACES_DIVIDE = frozenset({"iis_w3c"})
"""Formats whose fields hold no space: what they log has ``+`` for it."""
BUILT = frozenset({"evt", "evtx"})


def planted(data: bytes, begins: list[str], carrier: str) -> bytes:
    """A sample with the secrets in front of the last place of a word that one of its messages begins with."""
    for message in begins:
        for word in re.findall(r"[A-Za-z]{4,}", message):
            place = data.rfind(word.encode())
            if place >= 0:
                return data[:place] + carrier.encode() + data[place:]
    raise AssertionError(f"no word of {begins} stands in the sample")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("planted")
    paths = []
    for name, sample in SAMPLES.items():
        if name in BUILT:
            continue
        path = folder / f"{name}.log"
        path.write_bytes(
            planted(sample.data, [row.begins for row in sample.rows], CARRIER.replace(" ", "+") if name in SPACES_DIVIDE else f"{CARRIER} ")
        )
        paths.append(path)
    write_evtx(folder / "evtx.log", [EventSpec(data=(("Detail", CARRIER),))])
    (folder / "evt.log").write_bytes(evt.log([evt.Event(7, 1_142_345_252, 1000, 1, "Orders", "WKS1", (CARRIER,))]))
    opened = Session(Options(workers=2))
    opened.open([*paths, folder / "evtx.log", folder / "evt.log"], Job())
    yield opened
    opened.close()


def texts(value: object) -> str:
    return value if isinstance(value, str) else repr(value)


def report_on(session: Session) -> Report:
    """A report with one finding that rests on every event there is and quotes it."""
    details = {row: session.inspect(row) for row in range(len(session))}
    references = tuple(EventRef(row, one.source.name, one.position, one.time) for row, one in details.items())
    evidence = tuple(Evidence(one.message, row, one.source.name, one.position, one.message) for row, one in details.items())
    finding = Finding(
        id="F1",
        severity=Severity.ERROR,
        title=CARRIER,
        hypotheses=(Hypothesis(Cause.OTHER, Confidence.LOW, CARRIER, evidence, evidence, (CARRIER,)),),
        facts={"subject": CARRIER},
        next_steps=(CARRIER,),
        events=references,
        rows=tuple(details),
        count=len(details),
        first_time=None,
        last_time=None,
    )
    return Report(
        program=Program("Token Log Inspector", "0"),
        created=datetime(2026, 1, 26, tzinfo=UTC),
        diagnosis=Diagnosis((finding,)),
        findings=(finding,),
        sources=session.sources,
        problems=session.problems,
        events=len(session),
        inspected=details,
        known_secrets=known_secrets(details.values()),
    )


def test_every_format_is_planted(session: Session) -> None:
    assert {source.format for source in session.sources} >= {known.name for known in FORMATS} - {"plain lines"} - _not_recognised(session)
    of_source: dict[int, list[str]] = {}
    for number, message in session.frame(session.select("", Job()), ["source", "message"]).select("source", "message").iter_rows():
        of_source.setdefault(number, []).append(message)
    for source in session.sources:
        messages = of_source[source.id]
        assert any("Pl4nted" in message for message in messages), (
            f"{source.name}: read as {source.format}, and nothing of the secrets is in its messages"
        )


def _not_recognised(session: Session) -> set[str]:
    """Formats whose sample the planted text made look like another: still read, and counted here so that few can be."""
    taken = {source.format for source in session.sources}
    missing = {known.name for known in FORMATS} - taken
    assert len(missing) <= 3, missing
    return missing


def exported_rows(session: Session, write: Callable[..., int]) -> str:
    rows = session.select("", Job())
    names = {source.id: source.name for source in session.sources}
    lines = rows_of([session.frame(rows, EXPORT_COLUMNS)], EXPORT_COLUMNS, names, Redactor())
    out = io.StringIO()
    count = write(lines, EXPORT_COLUMNS, out) if write is write_csv else write(lines, out)
    assert count == len(session)
    return out.getvalue()


ROW_EXPORTS: Mapping[str, Callable[..., int]] = {"csv": write_csv, "jsonl": write_json_lines, "ecs": write_ecs}


@pytest.mark.parametrize("name", ROW_EXPORTS)
def test_no_export_of_rows_holds_one(session: Session, name: str) -> None:
    text = exported_rows(session, ROW_EXPORTS[name])
    assert [secret for secret in FORBIDDEN if secret in text] == []


def test_no_parquet_holds_one(session: Session, tmp_path: Path) -> None:
    rows = session.select("", Job())
    names = {source.id: source.name for source in session.sources}
    write_parquet(
        rows_of([session.frame(rows, EXPORT_COLUMNS)], EXPORT_COLUMNS, names, Redactor()), EXPORT_COLUMNS, tmp_path / "rows.parquet"
    )
    report = report_on(session)
    write_findings_parquet(report, Redactor(known=report.known_secrets), tmp_path / "findings.parquet")
    for name in ("rows", "findings"):
        text = "\n".join(texts(value) for row in pl.read_parquet(tmp_path / f"{name}.parquet").rows() for value in row)
        assert [secret for secret in FORBIDDEN if secret in text] == []


def test_no_report_and_no_findings_hold_one(session: Session) -> None:
    report = report_on(session)
    lines = io.StringIO()
    write_findings_json_lines(report, Redactor(known=report.known_secrets), lines)
    exports = {
        "html": report_html(report, Redactor(known=report.known_secrets)),
        "json": findings_json(report, Redactor(known=report.known_secrets)),
        "md": findings_markdown(report, Redactor(known=report.known_secrets)),
        "text": "\n".join(line.text for line in findings_lines(report, Redactor(known=report.known_secrets), 10_000)),
        "jsonl": lines.getvalue(),
    }
    for name, text in exports.items():
        assert [secret for secret in FORBIDDEN if secret in text] == [], name
    assert "Pl4nted" in report_html(report, Redactor(frozenset())), "the test would not see a secret"


def test_no_event_shown_holds_one(session: Session) -> None:
    for row in range(len(session)):
        detail = session.inspect(row)
        known = known_secrets([detail])
        shown = event_json(detail, Redactor(known=known)) + "\n".join(
            line.text for line in event_lines(detail, Redactor(known=known), 10_000)
        )
        assert [secret for secret in FORBIDDEN if secret in shown] == [], (detail.source.name, row)


def test_figures_hold_after_redaction(session: Session) -> None:
    report = report_on(session)
    one = report.findings[0]
    facts: dict[str, str | float] = {
        "created": "2026-01-26T09:21:49Z",
        "expires": "2026-01-26T09:26:49Z",
        "observed_delta_seconds": 41.5,
        "event_time": "2026-01-26T09:27:30Z",
    }
    told = dataclasses.replace(report, findings=(dataclasses.replace(one, facts=facts),))
    redacted = findings_json(told, Redactor(known=report.known_secrets))
    for value in facts.values():
        assert (f'"{value}"' if isinstance(value, str) else str(value)) in redacted

"""Findings as rows for a fleet: one flat record a finding, as JSON lines or Parquet, to be joined over many machines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final, TextIO

import polars as pl

from inspector.diagnosis.base import Finding
from inspector.report.base import Report, iso
from inspector.report.redaction import Redactor
from inspector.report.tables import errors_of_the_system

FINDING_COLUMNS: Final[dict[str, pl.DataType]] = {
    "id": pl.String(),
    "severity": pl.String(),
    "cause": pl.String(),
    "confidence": pl.String(),
    "title": pl.String(),
    "other_causes": pl.String(),
    "count": pl.Int64(),
    "first_time": pl.Datetime("us", "UTC"),
    "last_time": pl.Datetime("us", "UTC"),
    "hosts": pl.String(),
    "sources": pl.String(),
    "fault_code": pl.String(),
    "error_code": pl.String(),
    "exception": pl.String(),
    "top_frame": pl.String(),
    "action": pl.String(),
    "message_id": pl.String(),
    "relates_to": pl.String(),
    "created": pl.String(),
    "expires": pl.String(),
    "event_time": pl.String(),
    "observed_delta_seconds": pl.Float64(),
    "audience": pl.String(),
    "issuer": pl.String(),
    "subject": pl.String(),
    "next_step": pl.String(),
    "program_version": pl.String(),
    "diagnosed_at": pl.Datetime("us", "UTC"),
}
"""Columns in order. ``other_causes``, ``hosts`` and ``sources`` are lists joined by a space, a comma and a line feed; what is absent is null."""

FACT_COLUMNS: Final = tuple(list(FINDING_COLUMNS)[11:25])
"""Columns that come from a finding's facts, by their names there."""

FindingRow = dict[str, str | int | float | datetime | None]


def finding_rows(report: Report, redactor: Redactor) -> Iterator[FindingRow]:
    """One record a finding, every text redacted."""
    for finding in report.findings:
        yield _row(finding, report, redactor)


def _row(finding: Finding, report: Report, redactor: Redactor) -> FindingRow:
    clean = redactor.redact
    hosts = dict.fromkeys(report.inspected[row].computer for row in finding.rows if row in report.inspected)
    row: FindingRow = {
        "id": finding.id,
        "severity": finding.severity.value,
        "cause": finding.cause.value,
        "confidence": finding.confidence.value,
        "title": clean(finding.title),
        "other_causes": " ".join(one.cause.value for one in finding.hypotheses[1:]) or None,
        "count": finding.count,
        "first_time": finding.first_time,
        "last_time": finding.last_time,
        "hosts": ",".join(clean(host) for host in hosts if host) or None,
        "sources": "\n".join(clean(name) for name in dict.fromkeys(one.source for one in finding.events)) or None,
    }
    for name in FACT_COLUMNS:
        value = finding.facts.get(name)
        row[name] = clean(value) if isinstance(value, str) else value
    row["next_step"] = clean(finding.next_steps[0]) if finding.next_steps else None
    row["program_version"] = report.program.version
    row["diagnosed_at"] = report.created
    return row


def write_findings_json_lines(report: Report, redactor: Redactor, out: TextIO) -> int:
    """One JSON object a line, absent values left out, times as RFC 3339; returns the findings written."""
    count = 0
    for row in finding_rows(report, redactor):
        values = {name: iso(value) if isinstance(value, datetime) else value for name, value in row.items() if value is not None}
        out.write(json.dumps(values, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_findings_parquet(report: Report, redactor: Redactor, path: Path) -> int:
    """Parquet with the types of FINDING_COLUMNS, also without any finding; returns the findings written."""
    rows = list(finding_rows(report, redactor))
    with errors_of_the_system():
        pl.DataFrame(rows, schema=FINDING_COLUMNS).write_parquet(path, compression="zstd")
    return len(rows)

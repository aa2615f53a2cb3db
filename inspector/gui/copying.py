"""What leaves the window: rows copied or saved, and the report; secrets redacted, equal values to equal pseudonyms."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from inspector.events import Level
from inspector.gui.clock_face import ClockFace
from inspector.gui.event_table import TITLES

if TYPE_CHECKING:
    from inspector.job import Job
    from inspector.report.base import Report
    from inspector.report.preview import Preview
    from inspector.report.redaction import SecretKind
    from inspector.session import Detail, Rows, Session

Redaction = Literal["secrets", "names", "nothing"]
"""How much a report has replaced: what lets its reader act as somebody else, people and machines too, or nothing."""
STEP = 4096


def copied(session: Session, rows: Sequence[int], columns: Sequence[str], form: str, clock: ClockFace, job: Job) -> str:
    """Rows as text: ``table`` (tabs), ``text`` (as Event Viewer copies), ``xml`` and ``json`` (as the log holds them), ``markdown``. Raises Cancelled."""
    from inspector.report.redaction import Redactor

    redact = Redactor().redact
    if form in {"table", "markdown"}:
        lines = [[TITLES[each] for each in columns]]
        for begin in range(0, len(rows), STEP):
            job.check()
            lines += [_redacted(line, columns, redact) for line in _cells(session, rows[begin : begin + STEP], columns, clock)]
        if form == "table":
            return "\n".join("\t".join(_one_line(cell) for cell in line) for line in lines) + "\n"
        body = ["| " + " | ".join(_one_line(cell).replace("|", "\\|") for cell in line) + " |" for line in lines]
        return "\n".join([body[0], "|" + " --- |" * len(columns), *body[1:]]) + "\n"
    details = []
    for number, row in enumerate(rows):
        job.check()
        job.report(number, len(rows), "")
        details.append(session.inspect(row))
    if form == "json":
        return json.dumps([_document(each, redact) for each in details], ensure_ascii=False, indent=2)
    if form == "xml":
        pieces = [redact(each.raw) for each in details]
        return "<Events>\n" + "\n".join(pieces) + "\n</Events>\n" if len(pieces) > 1 else pieces[0]
    return "\n\n".join(_as_event_viewer(each, clock, redact) for each in details)


def write_csv(session: Session, rows: Rows | tuple[()], columns: Sequence[str], clock: ClockFace, path: Path, job: Job) -> int:
    """Write rows as CSV; the number written. Raises OSError and Cancelled."""
    from inspector.report.redaction import Redactor
    from inspector.report.tables import defuse
    from inspector.saving import writing_text

    redact = Redactor().redact
    with writing_text(path) as file:
        writer = csv.writer(file)
        writer.writerow([TITLES[each] for each in columns])
        for begin in range(0, len(rows), STEP):
            job.check()
            job.report(begin, len(rows), f"Saving {path.name}")
            for line in _cells(session, [int(each) for each in rows[begin : begin + STEP]], columns, clock, whole=True):
                writer.writerow([defuse(cell) for cell in _redacted(line, columns, redact)])
    return len(rows)


def gathered(session: Session, query: str, notes: Mapping[int, str], job: Job) -> Report:
    """Everything that a report of what is open says, before redaction. Raises Cancelled."""
    from inspector import __version__
    from inspector.query import parse
    from inspector.report.base import Note, Program, gather

    return gather(
        session,
        job,
        program=Program("Token Log Inspector", __version__),
        now=datetime.now(UTC),
        filter_english=parse(query).english if query.strip() else "",
        notes=[Note(row, text) for row, text in sorted(notes.items())],
    )


def previewed(report: Report, redaction: Redaction) -> Preview:
    """What would be replaced in a report, and what would stay."""
    from inspector.report.preview import preview

    return preview(report, kinds_of(redaction))


def write_report(report: Report, redaction: Redaction, path: Path) -> int:
    """Write a report as HTML; the number of findings in it. Raises OSError."""
    from inspector.report.base import redactor_for
    from inspector.report.html import report_html
    from inspector.saving import writing_text

    with writing_text(path) as file:
        file.write(report_html(report, redactor_for(report, kinds_of(redaction))))
    return len(report.findings)


def kinds_of(redaction: Redaction) -> frozenset[SecretKind]:
    """The kinds of values that are replaced."""
    from inspector.report.redaction import ALWAYS, PERSONAL

    return {"secrets": ALWAYS, "names": ALWAYS | PERSONAL, "nothing": frozenset()}[redaction]


def _cells(session: Session, rows: Sequence[int], columns: Sequence[str], clock: ClockFace, whole: bool = False) -> list[list[str]]:
    asked = list(dict.fromkeys([*columns, "source"]))
    page = session.page(rows, asked)
    lines = []
    for number, row in enumerate(page.rows):
        line = []
        for column in columns:
            value = page.cells[column][number]
            if column == "message" and whole:
                value = session.message(row)
            line.append(_text(value, str(page.cells["source"][number]), clock))
        lines.append(line)
    return lines


def _redacted(line: Sequence[str], columns: Sequence[str], redact: Callable[[str], str]) -> list[str]:
    """The message is the one cell that can hold a secret: the others are names, numbers and times."""
    return [redact(cell) if column == "message" else cell for column, cell in zip(columns, line, strict=True)]


def _text(value: object, source: str, clock: ClockFace) -> str:
    if value is None:
        return ""
    if isinstance(value, Level):
        return value.title
    return clock.write(value, source) if isinstance(value, datetime) else str(value)


def _document(detail: Detail, redact: Callable[[str], str]) -> dict[str, object]:
    time = None if detail.time is None else detail.time.astimezone(UTC).isoformat()
    return {
        "source": detail.source.name, "position": detail.position, "time": time, "level": Level(detail.level).title, "provider": detail.provider,
        "event_id": detail.event_id, "channel": detail.channel, "computer": detail.computer, "user": detail.user, "message": redact(detail.message),
        "fields": {name: redact(value) for name, value in detail.fields},
    }  # fmt: skip


def _as_event_viewer(detail: Detail, clock: ClockFace, redact: Callable[[str], str]) -> str:
    head = (
        ("Log Name", detail.channel), ("Source", detail.provider), ("Date", clock.write(detail.time, detail.source.name)),
        ("Event ID", "" if detail.event_id is None else str(detail.event_id)), ("Level", Level(detail.level).title), ("User", detail.user), ("Computer", detail.computer),
    )  # fmt: skip
    return "\n".join([*(f"{name + ':':<15}{value}" for name, value in head), "Description:", redact(detail.message)])


def _one_line(text: str) -> str:
    return " ".join(text.split())

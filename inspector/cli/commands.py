"""The commands: events, show, findings, report, token, formats, selftest, and the window."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, TextIO

import polars as pl
import typer
from rich.text import Text

from inspector import __version__
from inspector.cli.opening import (
    NOT_ALL_READ,
    NOTHING_FOUND,
    PROGRAM,
    binary_out,
    exit_code,
    not_all_read,
    opened,
    redactor,
    stdout,
    tell_problems,
    text_out,
)
from inspector.cli.options import (
    AtOption,
    AudienceOption,
    EventsFormat,
    FilterOption,
    FindingsFormat,
    FormatOption,
    IssuerOption,
    JobsOption,
    NoRedactOption,
    OutputOption,
    PasswordsOption,
    Paths,
    RedactAllOption,
    RevokedOption,
    RulesOption,
    SecretOption,
    ShowFormat,
    SkewOption,
    TimezoneOption,
    TrustOption,
    UsageError,
    options_of,
)
from inspector.cli.selftest import run_selftest
from inspector.formats import FORMATS
from inspector.job import Job
from inspector.printable import display_name, printable
from inspector.query import Chosen, Condition, Every, Negation, QueryError, Said, Some, parse
from inspector.report.base import Report, gather, plural
from inspector.report.finding_rows import write_findings_json_lines, write_findings_parquet
from inspector.report.html import report_html
from inspector.report.json_contract import event_json, findings_json
from inspector.report.markdown import findings_markdown
from inspector.report.preview import Preview, preview
from inspector.report.redaction import Redactor
from inspector.report.tables import (
    DEFAULT_COLUMNS,
    ECS_COLUMNS,
    EXPORT_COLUMNS,
    Row,
    defuse,
    rows_of,
    text_table,
    write_csv,
    write_ecs,
    write_json_lines,
    write_parquet,
)
from inspector.report.text import Line, event_lines, findings_lines
from inspector.session import Rows, Session

app = typer.Typer(
    name="inspector",
    help="Says why a security token was refused, from .evtx and text logs, offline. Without a command it opens the window.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 nothing found, 1 findings, 2 usage, 3 some input could not be read, 130 cancelled.",
)

_BATCH: Final = 10_000
"""Rows fetched at once while exporting: a few megabytes."""

_TABLE_ROWS: Final = 1_000
"""Rows of a text table that are measured together for the width of its columns."""


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"inspector {__version__}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=lambda value: _version(asked=value), is_eager=True)
    ] = False,
) -> None:
    """Say why a security token was refused, from .evtx and text logs, offline."""
    _ = version


@app.command()
def window(paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH...]", help="Log files, folders, archives.")] = None) -> int:
    """Open the window, with any logs given."""
    from inspector.gui.app import run

    return run(paths or [])


@app.command(epilog="Example: inspector events logs/ --filter 'level:error id:364' --format csv -o errors.csv")
def events(
    paths: Paths,
    *,
    query: FilterOption = "",
    sort: Annotated[str, typer.Option("--sort", metavar="COLUMN", help="Order by this column; a leading - reverses.")] = "",
    columns: Annotated[str, typer.Option("--columns", metavar="A,B,...", help=f"Columns, of: {', '.join(EXPORT_COLUMNS)}.")] = "",
    write_as: Annotated[EventsFormat, typer.Option("--format", help="How rows are written.")] = EventsFormat.TABLE,
    output: OutputOption = None,
    timezone: TimezoneOption = "",
    read_as: FormatOption = "",
    jobs: JobsOption = 0,
    no_redact: NoRedactOption = False,
    redact_names: RedactAllOption = False,
) -> int:
    """Write rows of the event table."""
    chosen = _columns(columns, write_as)
    if write_as is EventsFormat.PARQUET:
        output = _parquet_file(output)
    if sort.lstrip("-") not in ("", *EXPORT_COLUMNS):
        msg = f"'{sort.lstrip('-')}' is not a column; choose of {', '.join(EXPORT_COLUMNS)}"
        raise UsageError(msg)
    condition = _checked(query)
    options = options_of(timezone=timezone, read_as=read_as, jobs=jobs)
    with opened(paths, options) as (session, job):
        if _asks_for_findings(condition):
            session.diagnose(job)
        rows = session.select(query, job, sort.lstrip("-"), descending=sort.startswith("-"))
        cleaner = redactor(None, no_redact=no_redact, redact_names=redact_names)
        names = {source.id: source.name for source in session.sources}
        lines = rows_of(_frames(session, rows, chosen, job), chosen, names, cleaner)
        _write_rows(lines, chosen, write_as, output)
        tell_problems(session)
        return NOT_ALL_READ if not_all_read(session) else NOTHING_FOUND


def _parquet_file(output: Path | None) -> Path:
    if output is None:
        msg = "Parquet is not text; name a file with -o"
        raise UsageError(msg)
    return output


def _columns(text: str, write_as: EventsFormat) -> tuple[str, ...]:
    if write_as is EventsFormat.ECS:
        return ECS_COLUMNS
    chosen = tuple(name.strip() for name in text.split(",") if name.strip()) or DEFAULT_COLUMNS
    wrong = [name for name in chosen if name not in EXPORT_COLUMNS]
    if wrong:
        msg = f"{', '.join(wrong)}: no such column; choose of {', '.join(EXPORT_COLUMNS)}"
        raise UsageError(msg)
    return chosen


def _checked(query: str) -> Condition:
    try:
        return parse(query).condition
    except QueryError as error:
        msg = f"--filter: {error}"
        raise UsageError(msg) from error


def _asks_for_findings(condition: Condition) -> bool:
    """Whether a filter chooses by cause or finding, so that only a diagnosis can answer it."""
    match condition:
        case Chosen():
            return condition.kind in {"cause", "finding"}
        case Every() | Some():
            return any(_asks_for_findings(part) for part in condition.parts)
        case Negation() | Said():
            return _asks_for_findings(condition.part)
        case _:
            return False


def _frames(session: Session, rows: Rows, columns: Sequence[str], job: Job) -> Iterator[pl.DataFrame]:
    for start in range(0, len(rows), _BATCH):
        job.check()
        job.report(start, len(rows), "Writing")
        yield session.frame(rows[start : start + _BATCH], columns)


def _write_rows(rows: Iterator[Row], columns: Sequence[str], write_as: EventsFormat, output: Path | None) -> None:
    if write_as is EventsFormat.PARQUET:
        with binary_out(_parquet_file(output)) as part:
            write_parquet(rows, columns, part)
        return
    with text_out(output) as out:
        if write_as is EventsFormat.CSV:
            write_csv(rows, columns, out)
        elif write_as is EventsFormat.JSONL:
            write_json_lines(rows, out)
        elif write_as is EventsFormat.ECS:
            write_ecs(rows, out)
        else:
            _write_table(rows, columns, out)


def _write_table(rows: Iterator[Row], columns: Sequence[str], out: TextIO) -> None:
    width = stdout().width if out.isatty() else 200
    block: list[Row] = []
    for row in rows:
        block.append(row)
        if len(block) == _TABLE_ROWS:
            out.write(printable(text_table(block, columns, width)))
            block.clear()
    out.write(printable(text_table(block, columns, width)))


@app.command(epilog="Example: inspector show server.evtx --event 17")
def show(
    path: Annotated[str, typer.Argument(metavar="PATH", help="The log; - reads standard input.")],
    *,
    event: Annotated[
        int,
        typer.Option(
            "--event", metavar="N", help="Record number or line at which the event stands, as 'inspector events' shows it under Position."
        ),
    ],
    write_as: Annotated[ShowFormat, typer.Option("--format", help="How the event is written.")] = ShowFormat.TEXT,
    timezone: TimezoneOption = "",
    skew: SkewOption = "",
    audience: AudienceOption = None,
    issuer: IssuerOption = None,
    trust: TrustOption = None,
    revoked: RevokedOption = None,
    secret: SecretOption = None,
    passwords: PasswordsOption = None,
    at: AtOption = "",
    read_as: FormatOption = "",
    output: OutputOption = None,
    no_redact: NoRedactOption = False,
    redact_names: RedactAllOption = False,
) -> int:
    """Show one event: fields, pretty envelope, stack trace, tokens, timeline in words."""
    options = options_of(
        timezone=timezone,
        skew=skew,
        audience=audience,
        issuer=issuer,
        trust=trust,
        revoked=revoked,
        secret=secret,
        passwords=passwords,
        at=at,
        read_as=read_as,
        jobs=1,
    )
    with opened([path], options) as (session, job):
        tell_problems(session)
        rows = session.select("", job)
        positions = session.frame(rows, ["position"]).get_column("position").to_list() if len(rows) else []
        if event not in positions:
            where = f"its events stand at {positions[0]} to {positions[-1]}" if positions else "it holds no event"
            msg = f"{path} has no event at {event}; {where} (see 'inspector events {path} --columns position,time,message')"
            raise UsageError(msg)
        detail = session.inspect(int(rows[positions.index(event)]))
        cleaner = redactor([detail], no_redact=no_redact, redact_names=redact_names)
        with text_out(output) as out:
            if write_as is ShowFormat.JSON:
                out.write(event_json(detail, cleaner))
            else:
                _write_lines(event_lines(detail, cleaner, stdout().width), out, output)
        return NOT_ALL_READ if not_all_read(session) else NOTHING_FOUND


def _write_lines(lines: Iterator[Line], out: TextIO, output: Path | None) -> None:
    console = stdout()
    for line in lines:
        if output is None and console.is_terminal:
            console.print(Text(line.text, style=line.style))
        else:
            out.write(f"{line.text}\n")


@app.command(epilog="Example: inspector findings logs/ --timezone +01:00 --format json -o findings.json")
def findings(
    paths: Paths,
    *,
    write_as: Annotated[FindingsFormat, typer.Option("--format", help="How findings are written.")] = FindingsFormat.TEXT,
    output: OutputOption = None,
    timezone: TimezoneOption = "",
    skew: SkewOption = "",
    audience: AudienceOption = None,
    issuer: IssuerOption = None,
    trust: TrustOption = None,
    revoked: RevokedOption = None,
    secret: SecretOption = None,
    passwords: PasswordsOption = None,
    at: AtOption = "",
    rules: RulesOption = None,
    read_as: FormatOption = "",
    jobs: JobsOption = 0,
    no_redact: NoRedactOption = False,
    redact_names: RedactAllOption = False,
) -> int:
    """Say why tokens were refused, with the evidence."""
    options = options_of(
        timezone=timezone,
        skew=skew,
        audience=audience,
        issuer=issuer,
        trust=trust,
        revoked=revoked,
        secret=secret,
        passwords=passwords,
        at=at,
        rules=rules,
        read_as=read_as,
        jobs=jobs,
    )
    target = _parquet_file(output) if write_as is FindingsFormat.PARQUET else None
    with opened(paths, options) as (session, job):
        report = gather(session, job, program=PROGRAM, now=datetime.now(UTC))
        cleaner = redactor(report, no_redact=no_redact, redact_names=redact_names)
        if target is not None:
            with binary_out(target) as part:
                write_findings_parquet(report, cleaner, part)
            tell_problems(session)
            return exit_code(session, report)
        with text_out(output) as out:
            if write_as is FindingsFormat.JSON:
                out.write(findings_json(report, cleaner))
            elif write_as is FindingsFormat.JSONL:
                write_findings_json_lines(report, cleaner, out)
            elif write_as is FindingsFormat.MD:
                out.write(findings_markdown(report, cleaner))
            elif write_as is FindingsFormat.CSV:
                _write_findings_csv(report, cleaner, out)
            else:
                _write_lines(findings_lines(report, cleaner, min(stdout().width, 120)), out, output)
        if write_as is not FindingsFormat.TEXT:
            tell_problems(session)
        return exit_code(session, report)


def _write_findings_csv(report: Report, cleaner: Redactor, out: TextIO) -> None:
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["id", "severity", "cause", "confidence", "count", "first_time", "last_time", "title", "other_causes", "next_step"])
    for one in report.findings:
        times = [moment.isoformat().replace("+00:00", "Z") if moment else "" for moment in (one.first_time, one.last_time)]
        others = " ".join(hypothesis.cause.value for hypothesis in one.hypotheses[1:])
        step = cleaner.redact(one.next_steps[0]) if one.next_steps else ""
        writer.writerow(
            [
                one.id,
                one.severity.value,
                one.cause.value,
                one.confidence.value,
                one.count,
                *times,
                defuse(cleaner.redact(one.title)),
                others,
                defuse(step),
            ],
        )


@app.command(epilog="Example: inspector report server.evtx -o why.html")
def report(
    paths: Paths,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The HTML file to write.")],
    timezone: TimezoneOption = "",
    skew: SkewOption = "",
    audience: AudienceOption = None,
    issuer: IssuerOption = None,
    trust: TrustOption = None,
    revoked: RevokedOption = None,
    secret: SecretOption = None,
    passwords: PasswordsOption = None,
    at: AtOption = "",
    rules: RulesOption = None,
    read_as: FormatOption = "",
    jobs: JobsOption = 0,
    only: Annotated[
        list[str] | None, typer.Option("--finding", metavar="ID", help="Report this finding only, such as F1; may be repeated.")
    ] = None,
    no_redact: NoRedactOption = False,
    redact_names: RedactAllOption = False,
    show_redaction: Annotated[
        bool, typer.Option("--preview-redaction", help="Only list what would be replaced and what would stay; write nothing.")
    ] = False,
) -> int:
    """Write the HTML report: one file, no script, for the customer."""
    options = options_of(
        timezone=timezone,
        skew=skew,
        audience=audience,
        issuer=issuer,
        trust=trust,
        revoked=revoked,
        secret=secret,
        passwords=passwords,
        at=at,
        rules=rules,
        read_as=read_as,
        jobs=jobs,
    )
    with opened(paths, options) as (session, job):
        gathered = gather(session, job, program=PROGRAM, now=datetime.now(UTC), chosen=only)
        missing = [one for one in only or () if one not in {finding.id for finding in gathered.diagnosis.findings}]
        if missing:
            msg = f"{', '.join(missing)}: no such finding; there are {len(gathered.diagnosis.findings)}"
            raise UsageError(msg)
        cleaner = redactor(gathered, no_redact=no_redact, redact_names=redact_names)
        if show_redaction:
            _write_preview(preview(gathered, cleaner.kinds))
            return exit_code(session, gathered)
        with text_out(output) as out:
            out.write(report_html(gathered, cleaner))
        tell_problems(session)
        typer.echo(
            f"{display_name(str(output))}: {plural(len(gathered.findings), 'finding')} from {plural(len(session), 'event')}", err=True
        )
        return exit_code(session, gathered)


def _write_preview(shown: Preview) -> None:
    with text_out(None) as out:
        out.write(f"Replaced: {plural(len(shown.replaced), 'value')}\n")
        for one in shown.replaced:
            out.write(f"  {one.pseudonym}  {one.length} characters, {one.times}×\n")
        out.write(f"Stays in clear: {plural(len(shown.staying), 'kind')}\n")
        for staying in shown.staying:
            out.write(f"  {staying.kind.value}: {plural(staying.values, 'value')}, such as {printable(staying.example)}\n")


@app.command(epilog="Example: inspector token - --audience api://orders --trust jwks.json < token.txt")
def token(
    file: Annotated[
        str, typer.Argument(metavar="[FILE|-]", help="A file with one token, assertion or envelope; - reads standard input.")
    ] = "-",
    *,
    skew: SkewOption = "",
    audience: AudienceOption = None,
    issuer: IssuerOption = None,
    trust: TrustOption = None,
    revoked: RevokedOption = None,
    secret: SecretOption = None,
    passwords: PasswordsOption = None,
    at: AtOption = "",
    write_as: Annotated[ShowFormat, typer.Option("--format", help="How it is written.")] = ShowFormat.TEXT,
    no_redact: NoRedactOption = False,
) -> int:
    """Decode and judge one pasted token or envelope; at the present moment unless --at says another."""
    options = options_of(
        skew=skew,
        audience=audience,
        issuer=issuer,
        trust=trust,
        revoked=revoked,
        secret=secret,
        passwords=passwords,
        at=at or datetime.now(UTC).isoformat(),
        read_as="snippet",
        jobs=1,
    )
    with opened([file], options) as (session, job):
        tell_problems(session)
        rows = session.select("", job)
        failed = False
        with text_out(None) as out:
            for row in rows:
                detail = session.inspect(int(row))
                failed |= any(check.outcome.value == "failed" for one in detail.contents.tokens for check in one.checks)
                cleaner = redactor([detail], no_redact=no_redact, redact_names=False)
                if write_as is ShowFormat.JSON:
                    out.write(event_json(detail, cleaner))
                else:
                    _write_lines(event_lines(detail, cleaner, stdout().width), out, None)
        return NOT_ALL_READ if not_all_read(session) else int(failed)


@app.command()
def formats(write_as: Annotated[ShowFormat, typer.Option("--format", help="How the list is written.")] = ShowFormat.TEXT) -> int:
    """List what can be opened and how it is recognised."""
    with text_out(None) as out:
        if write_as is ShowFormat.JSON:
            listed = [
                {"name": one.name, "title": one.title, "extensions": list(one.extensions), "recognised_by": one.recognised_by}
                for one in FORMATS
            ]
            out.write(json.dumps(listed, indent=1, ensure_ascii=False) + "\n")
        else:
            longest = max(len(one.name) for one in FORMATS)
            for one in FORMATS:
                out.write(f"{one.name.ljust(longest)}  {one.title}\n{' ' * longest}  {one.recognised_by}\n")
    return NOTHING_FOUND


@app.command()
def selftest() -> int:
    """Open the bundled sample through every layer and print a line per check."""
    return run_selftest(typer.echo)

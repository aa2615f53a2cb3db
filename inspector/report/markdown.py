"""The findings as Markdown for a ticket: short, with the evidence quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inspector.diagnosis.base import Evidence, Finding
from inspector.report.base import CAUSE_TITLES, Report, iso, verdict_paragraph
from inspector.report.redaction import Redactor


def findings_markdown(report: Report, redactor: Redactor) -> str:
    """CommonMark with the tables of GitHub; log text stands in code only, so that nothing in it is taken for markup."""
    lines = [f"# {report.title}", "", _plain(redactor.redact_sentence(verdict_paragraph(report))), ""]
    for finding in report.findings:
        lines.extend(_finding(finding, redactor))
    if report.diagnosis.coverage:
        lines += ["## What this log cannot answer", ""]
        for one in report.diagnosis.coverage:
            asked = f" Ask for: {_plain(redactor.redact_sentence(one.ask_for))}" if one.ask_for else ""
            lines.append(f"- **{_plain(redactor.redact_sentence(one.question))}** {_plain(redactor.redact_sentence(one.answer))}.{asked}")
        lines.append("")
    lines += ["## Sources", "", "| Source | Format | Events | Problems | SHA-256 |", "|---|---|---|---|---|"]
    for source in report.sources:
        lines.append(
            f"| {_code(redactor.redact(source.name))} | {source.format} | {source.events:,} | {len(source.problems)} | {_code(source.sha256 or 'not computed')} |"
        )
    lines.extend(
        f"- {_code(redactor.redact(one.source))}, {one.position}: {_plain(redactor.redact_sentence(one.reason))}" for one in report.problems
    )
    lines += ["", f"{report.program.name} {report.program.version}, {iso(report.created)}", ""]
    return "\n".join(lines)


def _finding(finding: Finding, redactor: Redactor) -> Iterator[str]:
    yield f"## {finding.id} {_plain(redactor.redact_sentence(finding.title))}"
    yield ""
    times = f", first {iso(finding.first_time)}" if finding.first_time else ""
    times += f", last {iso(finding.last_time)}" if finding.last_time and finding.last_time != finding.first_time else ""
    yield f"**{finding.severity.value}** · {CAUSE_TITLES[finding.cause]} · {finding.confidence.value} confidence · {finding.count:,}×{times}"
    yield ""
    for number, hypothesis in enumerate(finding.hypotheses, 1):
        yield f"{number}. **{CAUSE_TITLES[hypothesis.cause]}** ({hypothesis.confidence.value}): {_plain(redactor.redact_sentence(hypothesis.explanation))}"
        yield from _evidence("for", hypothesis.supports, redactor)
        yield from _evidence("against", hypothesis.contradicts, redactor)
        yield from (f"   - would confirm: {_plain(redactor.redact_sentence(one))}" for one in hypothesis.would_confirm)
    yield ""
    if finding.facts:
        yield "| Fact | Value |"
        yield "|---|---|"
        yield from (f"| {name.replace('_', ' ')} | {_code(redactor.redact(str(value)))} |" for name, value in finding.facts.items())
        yield ""
    if finding.next_steps:
        yield "Next steps:"
        yield ""
        yield from (f"{number}. {_plain(redactor.redact_sentence(step))}" for number, step in enumerate(finding.next_steps, 1))
        yield ""


def _evidence(side: str, all_evidence: Iterable[Evidence], redactor: Redactor) -> Iterator[str]:
    for evidence in all_evidence:
        where = ", ".join(part for part in (redactor.redact(evidence.source), evidence.position) if part)
        quoted = f" {_code(redactor.redact(evidence.excerpt))}" if evidence.excerpt else ""
        yield f"   - {side}: {_plain(redactor.redact_sentence(evidence.text))}{quoted}" + (f" ({_plain(where)})" if where else "")


def _plain(text: str) -> str:
    """Our own sentences and short names with every character that Markdown or HTML could take for markup defused."""
    flat = " ".join(text.split())
    for char in "\\`*_[]<>|#!":
        flat = flat.replace(char, f"\\{char}")
    return flat.replace("http://", "http:\u200b//").replace("https://", "https:\u200b//")


def _code(text: str) -> str:
    """A code span that holds any text: on one line, fenced by more back quotes than it has."""
    flat = " ".join(text.split()).replace("|", "\u2502")
    longest = 0
    run = 0
    for char in flat:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    return f"{fence}{' ' if longest else ''}{flat}{' ' if longest else ''}{fence}" if flat else ""

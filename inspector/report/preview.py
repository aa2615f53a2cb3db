"""What redaction will replace and what it will leave, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.report.base import InspectedEvent, Report
from inspector.report.html import report_html
from inspector.report.redaction import ALWAYS, PERSONAL, Redactor, Replacement, SecretKind, known_kinds, secrets_in


@dataclass(frozen=True, slots=True)
class Staying:
    """A kind of value that the export would leave in clear, with an example of it."""

    kind: SecretKind
    values: int
    """Different values."""
    example: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Both sides of a redaction."""

    replaced: tuple[Replacement, ...]
    staying: tuple[Staying, ...]


def preview(report: Report, kinds: frozenset[SecretKind]) -> Preview:
    """Redact the whole report as an export would, and say what went and what of the other kinds stays in it."""
    redactor = Redactor(kinds, report.known_secrets)
    report_html(report, redactor)
    return Preview(redactor.replacements, tuple(_staying(report, (ALWAYS | PERSONAL) - kinds)))


def _staying(report: Report, kinds: frozenset[SecretKind]) -> list[Staying]:
    found: dict[SecretKind, dict[str, None]] = {}
    for event in report.inspected.values():
        for text in _texts(event):
            for secret in secrets_in(text, kinds):
                found.setdefault(secret.kind, {})[text[secret.start : secret.end]] = None
    for value, kind in known_kinds(report.known_secrets, kinds):
        found.setdefault(kind, {})[value] = None
    return [Staying(kind, len(values), next(iter(values))) for kind, values in sorted(found.items())]


def _texts(event: InspectedEvent) -> tuple[str, ...]:
    return (event.message, *(payload.pretty for payload in event.contents.payloads))

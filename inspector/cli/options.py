"""The options of the command line: what may be written, and what it means."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from inspector.events import Zone, ZoneBasis
from inspector.session import Options
from inspector.tokens.supplied import SuppliedError, trust_of


class EventsFormat(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"
    ECS = "ecs"
    PARQUET = "parquet"


class FindingsFormat(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    JSONL = "jsonl"
    PARQUET = "parquet"


class ShowFormat(StrEnum):
    """How one event is written."""

    TEXT = "text"
    JSON = "json"


Paths = Annotated[list[str], typer.Argument(metavar="PATH...", help="Log files, folders, archives; - reads standard input.")]
TimezoneOption = Annotated[
    str,
    typer.Option(
        "--timezone", metavar="OFFSET", help="For sources that state none: +01:00, -05:30 or UTC. Default: inferred from the log."
    ),
]
SkewOption = Annotated[
    str, typer.Option("--skew", metavar="DURATION", help="Allowed clock skew: 300, 90s, 5min. Default: what the judging software allows.")
]
AudienceOption = Annotated[
    list[str] | None, typer.Option("--audience", metavar="URI", help="What the relying party expects as audience; may be repeated.")
]
IssuerOption = Annotated[
    list[str] | None, typer.Option("--issuer", metavar="URI", help="Which issuer the relying party trusts; may be repeated.")
]
TrustOption = Annotated[
    list[Path] | None, typer.Option("--trust", metavar="FILE", help="PEM, JWKS or metadata XML to verify signatures with; may be repeated.")
]
RevokedOption = Annotated[
    list[Path] | None, typer.Option("--revoked", metavar="FILE", help="CRL, or a list of jti values or serial numbers; may be repeated.")
]
SecretOption = Annotated[
    list[Path] | None, typer.Option("--secret", metavar="FILE", help="A shared secret to verify HS256 and its kin with; may be repeated.")
]
PasswordsOption = Annotated[
    list[Path] | None,
    typer.Option("--passwords", metavar="FILE", help="One user:password a line, to recompute password digests with; may be repeated."),
]
AtOption = Annotated[str, typer.Option("--at", metavar="TIME", help="Judge at this moment (ISO 8601) instead of each event's own.")]
RulesOption = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="FILE", help="Rules of your own (TOML, as in resources/dictionary); may be repeated."),
]
FormatOption = Annotated[str, typer.Option("--read-as", metavar="FORMAT", help="Read everything as this format (see 'inspector formats').")]
JobsOption = Annotated[int, typer.Option("--jobs", metavar="N", min=0, help="Worker processes; 0 for one a processor.")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here instead of to standard output.")]
NoRedactOption = Annotated[bool, typer.Option("--no-redact", help="Leave passwords, tokens, signatures and keys in clear.")]
RedactAllOption = Annotated[bool, typer.Option("--redact-names", help="Also replace user names, hosts, addresses and mail addresses.")]
FilterOption = Annotated[str, typer.Option("--filter", metavar="QUERY", help="Only rows that match, in the window's filter language.")]


class UsageError(typer.BadParameter):
    """The command line cannot be done as it stands; the message says what to write instead."""


_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|seconds?|m|min|minutes?|h|hours?)?")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_OFFSET: Final = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")


def duration(text: str) -> timedelta | None:
    """``300``, ``90s``, ``5min``, ``1h``; None for an empty text. Raises UsageError."""
    if not text:
        return None
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        msg = f"'{text}' is not a duration; write for example 300, 90s or 5min"
        raise UsageError(msg)
    return timedelta(seconds=float(match[1]) * _UNITS[(match[2] or "s")[0]])


def zone_of(text: str) -> Zone | None:
    """``+01:00``, ``-0530``, ``UTC``; None for an empty text. Raises UsageError."""
    if not text:
        return None
    if text.strip().upper() in ("UTC", "Z", "GMT"):
        return Zone(timedelta(0), ZoneBasis.USER, "set on the command line")
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        msg = f"'{text}' is not an offset from UTC; write for example +01:00 or UTC"
        raise UsageError(msg)
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=14):
        msg = f"'{text}' is more than 14 hours, which no zone of the earth is off UTC"
        raise UsageError(msg)
    return Zone(-offset if match[1] == "-" else offset, ZoneBasis.USER, "set on the command line")


def moment_of(text: str) -> datetime | None:
    """ISO 8601; without a zone it is UTC; None for an empty text. Raises UsageError."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        msg = f"'{text}' is not a time; write for example 2026-01-26T09:21:49Z"
        raise UsageError(msg) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def options_of(
    *,
    timezone: str = "",
    skew: str = "",
    audience: list[str] | None = None,
    issuer: list[str] | None = None,
    trust: list[Path] | None = None,
    revoked: list[Path] | None = None,
    secret: list[Path] | None = None,
    passwords: list[Path] | None = None,
    at: str = "",
    rules: list[Path] | None = None,
    read_as: str = "",
    jobs: int = 0,
) -> Options:
    """The session's options as the command line gives them. Raises UsageError."""
    try:
        supplied = trust_of(
            trust=trust or (),
            revoked=revoked or (),
            secrets=secret or (),
            passwords=passwords or (),
            audiences=audience or (),
            issuers=issuer or (),
            skew=duration(skew),
        )
    except SuppliedError as error:
        raise UsageError(str(error)) from error
    return Options(zone=zone_of(timezone), trust=supplied, at=moment_of(at), workers=jobs, format=read_as, rules=tuple(rules or ()))

"""The same token in several messages, and keys that change: reuse after a refusal, nonces sent twice, rollover."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import polars as pl

from inspector.diagnosis.base import Advice, EventText, Evidence, Known, RowFindings
from inspector.diagnosis.pieces import pieces
from inspector.events import Flags

_KINDS: Final = {
    "nonce": r"Nonce\b[^<>]{0,200}(?:>|&gt;)\s*([A-Za-z0-9+/=]{12,})\s*(?:<|&lt;)",
    "assertion": r"""(?:AssertionID|(?:<|&lt;)(?:\w{1,20}:)?Assertion\b[^<>]{0,600}?\sID)=["']([^"']{8,200})["']""",
    "jwt": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.([A-Za-z0-9_-]{20,})",
}
"""What makes two sightings the same token: its nonce, its id, its signature."""
_NAMES: Final = {"nonce": "user name token's nonce", "assertion": "SAML assertion", "jwt": "JWT"}
_HEADER: Final = r"\b(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}"
_FAULT: Final = r"(?i)[<:;]Fault\b|faultcode"
_SEGMENT: Final = r"^[A-Za-z0-9_-]{8,}$"
_FEW: Final = 5


class Sightings:
    """Looks at every message that holds a token, whatever its shape."""

    name = "sightings"

    def review(self, known: Known) -> Sequence[Advice]:
        chunks = list(_chunks(known))
        if not chunks:
            return ()
        return [
            *_sent_again(pl.concat([chunk.tokens for chunk in chunks]), known),
            *_rollover(pl.concat([chunk.headers for chunk in chunks]), known),
        ]


@dataclass(frozen=True, slots=True)
class _Chunk:
    tokens: pl.DataFrame
    """Row and time of each message that holds a token and no fault, and a 64-bit hash of what identifies the token, by kind."""
    headers: pl.DataFrame
    """Each JWT header with the first and last time at which it was seen, and a row that has it."""


def _chunks(known: Known) -> Iterator[_Chunk]:
    flagged = (pl.col("flags") & int(Flags.ENVELOPE | Flags.TOKEN)) != 0
    rows = known.store.matching(flagged.fill_null(value=False), known.job)
    for frame in pieces(known.store, rows, ("time", "message"), known.job):
        message = pl.col("message")
        found = frame.select(
            "row",
            "time",
            message.str.contains(_FAULT).alias("fault"),
            *(message.str.extract(_KINDS[kind]).alias(kind) for kind in ("nonce", "assertion")),
        ).with_columns(_json_web_tokens(frame["message"]))
        yield _Chunk(
            found.filter(~pl.col("fault") & pl.any_horizontal([pl.col(kind).is_not_null() for kind in _KINDS])).select(
                "row", "time", *(pl.when(pl.col(kind).is_not_null()).then(pl.col(kind).hash(7)).alias(kind) for kind in _KINDS)
            ),
            found.filter(pl.col("header").is_not_null() & pl.col("time").is_not_null())
            .group_by("header", maintain_order=True)
            .agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.col("row").min()),
        )


def _json_web_tokens(messages: pl.Series) -> list[pl.Series]:
    """Header and signature of the first JWT of each message.

    Most messages are cut at the dots, which takes a quarter of the time of a pattern; where that does not give a JWT, the pattern decides.
    """
    frame = pl.DataFrame({"message": messages}).with_columns(
        pl.col("message").str.splitn("eyJ", 2).struct.rename_fields(["before", "after"])
    )
    frame = (
        frame.unnest("message")
        .with_columns(pl.col("after").str.splitn(".", 3).struct.rename_fields(["header", "claims", "rest"]))
        .unnest("after")
    )
    whole = (
        pl.col("header").str.contains(_SEGMENT)
        & pl.col("claims").str.contains(_SEGMENT)
        & ~pl.col("before").str.tail(1).str.contains(r"\w")
    )
    cut = frame.select(
        pl.when(whole).then(pl.lit("eyJ") + pl.col("header")).alias("header"),
        pl.when(whole).then(pl.col("rest").str.extract(r"^([A-Za-z0-9_-]{20,})")).alias("jwt"),
        (pl.col("rest").is_not_null()).alias("dotted"),
    ).with_columns(pl.when(pl.col("jwt").is_not_null()).then(pl.col("header")).alias("header"))
    doubtful = cut["dotted"] & cut["jwt"].is_null()
    header, jwt = cut["header"], cut["jwt"]
    if doubtful.any():
        places = doubtful.arg_true()
        slow = messages.gather(places)
        header = header.scatter(places, slow.str.extract(_HEADER))
        jwt = jwt.scatter(places, slow.str.extract(_KINDS["jwt"]))
    return [header.alias("header"), jwt.alias("jwt")]


def _sent_again(seen: pl.DataFrame, known: Known) -> Iterator[Advice]:
    refused = RowFindings(known.findings)
    for kind, name in _NAMES.items():
        repeated = (
            seen.filter(pl.col(kind).is_not_null() & pl.col(kind).is_duplicated())
            .group_by(kind, maintain_order=True)
            .agg("row", pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.col("row").count().alias("count"))
            .filter(((pl.col("last") - pl.col("first")) > 1_000_000).fill_null(value=True))
            .sort("count", descending=True, maintain_order=True)
        )
        for value in repeated.iter_rows(named=True):
            findings = sorted({refused[row] for row in value["row"] if row in refused})
            if kind == "jwt" and not findings:
                continue  # a bearer token is meant to be sent many times
            events = known.fetch([int(row) for row in value["row"][:_FEW]])
            evidence = tuple(_cite(event, _value_in(event, kind), f"the same {name}") for event in events)
            after = f", and {', '.join(findings)} shows that it was refused" if findings else ""
            text = f"The same {name} is in {value['count']} messages{after}. A nonce or assertion serves once: look for a client or proxy that sends again, or for somebody who replays what was captured; a refused token is to be renewed, not repeated."
            yield Advice("Do not send the same token again", text, evidence)
            return


def _value_in(event: EventText, kind: str) -> str:
    match = re.search(_KINDS[kind], event.message)
    return match.group(1) if match is not None else ""


def _rollover(seen: pl.DataFrame, known: Known) -> Iterator[Advice]:
    keys: dict[str, tuple[int, int, int]] = {}
    headers = seen.group_by("header").agg(pl.col("first").min(), pl.col("last").max(), pl.col("row").min())
    for header, first, last, row in headers.iter_rows():
        kid = _kid(header)
        if kid:
            known_first, known_last, known_row = keys.get(kid, (first, last, row))
            keys[kid] = (min(first, known_first), max(last, known_last), min(row, known_row))
    ordered = sorted(keys.items(), key=lambda item: item[1][0])
    for (old, (_, old_last, _)), (new, (new_first, _, row)) in pairwise(ordered):
        if old_last < new_first:
            (event,) = known.fetch([row])
            when = f"{event.time:%Y-%m-%d %H:%M:%S} UTC" if event.time is not None else event.position
            text = f"Tokens were signed with key {old} before and with key {new} from {when} on. Receivers that kept the old keys refuse the new tokens until they read the issuer's keys again."
            yield Advice("A signing key was rolled over", text, (_cite(event, new, f"first token signed with key {new}"),))
            return


def _kid(header: str) -> str:
    try:
        value = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except (binascii.Error, ValueError):
        return ""
    return str(value.get("kid", ""))[:80] if isinstance(value, dict) else ""


def _cite(event: EventText, value: str, text: str) -> Evidence:
    excerpt = value if value and value in event.message else event.message[:80]
    spread = f" at {event.time:%Y-%m-%d %H:%M:%S} UTC" if event.time is not None else ""
    return Evidence(text + spread, event.row, event.source, event.position, excerpt)

"""The same token in several messages, and keys that change: reuse after a refusal, nonces sent twice, rollover."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from inspector.diagnosis.base import Advice, EventText, Evidence, Known, RowFindings
from inspector.diagnosis.marks import KINDS

_NAMES: Final = {"nonce": "user name token's nonce", "assertion": "SAML assertion", "jwt": "JWT"}
_FEW: Final = 5


class Sightings:
    """Looks at every message that holds a token, whatever its shape."""

    name = "sightings"

    def review(self, known: Known) -> Sequence[Advice]:
        tokens, headers = known.marks.tokens, known.marks.headers
        return [*_sent_again(tokens, known), *_rollover(headers, known)] if tokens is not None and headers is not None else []


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
    match = re.search(KINDS[kind], event.message)
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

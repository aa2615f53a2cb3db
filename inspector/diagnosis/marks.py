"""What reviews need of every message that holds an envelope or a token, picked out while the search has it in memory."""

from __future__ import annotations

from typing import Final

import polars as pl

from inspector.events import Flags

KINDS: Final = {
    "nonce": r"Nonce\b[^<>]{0,200}(?:>|&gt;)\s*([A-Za-z0-9+/=]{12,})\s*(?:<|&lt;)",
    "assertion": r"""(?:AssertionID|(?:<|&lt;)(?:\w{1,20}:)?Assertion\b[^<>]{0,600}?\sID)=["']([^"']{8,200})["']""",
    "jwt": r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.([A-Za-z0-9_-]{20,})",
}
"""What makes two sightings the same token: its nonce, its id, its signature."""
COLUMNS: Final = ("flags", "time", "computer", "message")
"""What of an event is looked at."""
_HEADER: Final = r"\b(eyJ[A-Za-z0-9_-]{8,})\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{20,}"
_SEGMENT: Final = r"^[A-Za-z0-9_-]{8,}$"
_CREATED: Final = r"Created[^<>&]{0,80}(?:>|&gt;)\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z"
_FAULT: Final = r"(?i)[<:;]Fault\b|faultcode"


def flagged(flags: Flags) -> pl.Expr:
    """Whether an event has one of the hints."""
    return ((pl.col("flags") & int(flags)) != 0).fill_null(value=False)


class Marks:
    """Collects, piece by piece, what tells tokens and clocks apart; a few numbers for each message."""

    def __init__(self) -> None:
        self._tokens: list[pl.DataFrame] = []
        self._headers: list[pl.DataFrame] = []
        self._stamps: list[pl.DataFrame] = []

    @property
    def tokens(self) -> pl.DataFrame | None:
        """Row and time of each message that holds a token and no fault, and a 64-bit hash of what identifies the token, by kind."""
        return pl.concat(self._tokens) if self._tokens else None

    @property
    def headers(self) -> pl.DataFrame | None:
        """Each JWT header with the first and last time at which it was seen, and a row that has it."""
        return pl.concat(self._headers) if self._headers else None

    @property
    def stamps(self) -> pl.DataFrame | None:
        """Time, host and stated Created of each request with an envelope."""
        return pl.concat(self._stamps) if self._stamps else None

    def add(self, piece: pl.DataFrame) -> None:
        """Look at messages; ``piece`` has ``row`` and ``COLUMNS``, and only events with an envelope or a token."""
        message = pl.col("message")
        seen = piece.with_columns(message.str.contains(_FAULT).alias("fault"))
        asking = seen.filter(flagged(Flags.ENVELOPE) & ~pl.col("fault") & pl.col("time").is_not_null())
        created = message.str.extract(_CREATED).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us").cast(pl.Int64)
        if len(asking):
            self._stamps.append(
                asking.select("time", pl.col("computer").fill_null(""), created.alias("created")).filter(pl.col("created").is_not_null())
            )
        holding = seen.filter(flagged(Flags.TOKEN) | message.str.contains("Nonce", literal=True))
        if len(holding):
            self._add_tokens(holding)

    def _add_tokens(self, holding: pl.DataFrame) -> None:
        found = holding.select(
            "row", "time", "fault", *(pl.col("message").str.extract(KINDS[kind]).alias(kind) for kind in ("nonce", "assertion"))
        ).with_columns(_json_web_tokens(holding["message"]))
        self._tokens.append(
            found.filter(~pl.col("fault") & pl.any_horizontal([pl.col(kind).is_not_null() for kind in KINDS])).select(
                "row", "time", *(pl.when(pl.col(kind).is_not_null()).then(pl.col(kind).hash(7)).alias(kind) for kind in KINDS)
            )
        )
        self._headers.append(
            found.filter(pl.col("header").is_not_null() & pl.col("time").is_not_null())
            .group_by("header", maintain_order=True)
            .agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"), pl.col("row").min())
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
        jwt = jwt.scatter(places, slow.str.extract(KINDS["jwt"]))
    return [header.alias("header"), jwt.alias("jwt")]

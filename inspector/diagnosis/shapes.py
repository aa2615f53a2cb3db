"""Which events matter: one vectorised pass over the event table, and events of one shape looked into once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.events import Flags
from inspector.job import Job
from inspector.store import EventStore

Rows = npt.NDArray[np.uint32]

CHUNK: Final = 20_000
"""Rows whose messages are in memory at a time."""
MOST_SHAPES: Final = 4_000
"""Shapes that are looked into one by one; beyond that, events with the same codes and literals count as one shape."""
_CODES: Final = (
    r"\b(?:AADSTS\d{4,8}|IDX\d{5}|MSIS\d{4}|WSE\d{3}|WIF\d{4,5}|ID\d{4}|WSM-\d{5}|0x[89CcF][0-9A-Fa-f]{7})\b"
    r"|\b(?:[Ee]rror|[Aa]lert|data|code)[^\w]{1,4}\d{1,5}\b"
)
_VARIABLE: Final = r"[A-Za-z0-9+/_=-]{32,}|\b[A-Za-z_]*[0-9][0-9A-Za-z_:.+-]*"
_SECURITY: Final = r"(?i)security-auditing"
_STATUS: Final = r"(?i)\b(?:Sub ?Status|Status|FailureCode|Failure Code|Result Code|Error Code)\W{1,8}(0x[0-9A-Fa-f]{1,8})"


@dataclass(frozen=True, slots=True)
class Shape:
    """Events whose text differs only in numbers, ids and the like."""

    rows: Rows
    """In file order."""
    anchored: bool
    """Whether a literal of the dictionary is in the text, or its event ID is asked for; else only an envelope or token is there."""


def wanted(anchors: Sequence[str], event_ids: Sequence[int]) -> pl.Expr:
    """Expression that is true for every event that the dictionary can say something about, or that holds an envelope or a token."""
    message = pl.col("message").str.contains_any(list(anchors), ascii_case_insensitive=True)
    flagged = (pl.col("flags") & int(Flags.ENVELOPE | Flags.TOKEN)) != 0
    return (
        message.fill_null(value=False) | pl.col("event_id").is_in(list(event_ids)).fill_null(value=False) | flagged.fill_null(value=False)
    )


def find_shapes(store: EventStore, anchors: Sequence[str], event_ids: Sequence[int], job: Job) -> tuple[list[Shape], int]:
    """Shapes of the events that matter, and how many events that are. Raises Cancelled."""
    total = len(store)
    job.report(0, total, "Looking for events that matter")
    rows = store.matching(
        wanted(anchors, event_ids),
        job,
        arrived=lambda found: job.report(int(found[-1]) if len(found) else 0, total, "Looking for events that matter"),
    )
    parts = list(_keyed(store, rows, anchors, event_ids, job))
    if not parts:
        return [], 0
    keyed = pl.concat(parts)
    fine = keyed.group_by("coarse", "fine", maintain_order=True).agg("row", pl.col("anchored").any())
    if len(fine) > MOST_SHAPES:
        fine = _fewer(fine)
    return [Shape(np.asarray(found["row"], np.uint32), bool(found["anchored"])) for found in fine.iter_rows(named=True)], len(rows)


def _keyed(store: EventStore, rows: Rows, anchors: Sequence[str], event_ids: Sequence[int], job: Job) -> Iterator[pl.DataFrame]:
    for start in range(0, len(rows), CHUNK):
        job.check()
        job.report(start, len(rows), "Grouping events by shape")
        frame = store.frame(rows[start : start + CHUNK], ("provider", "event_id", "message"))
        message = pl.col("message").fill_null("")
        literals = (
            message.str.extract_many(list(anchors), ascii_case_insensitive=True, overlapping=True)
            .list.eval(pl.element().str.to_lowercase())
            .list.unique()
            .list.sort()
            .list.join("|")
        )
        security = pl.col("provider").fill_null("").str.contains(_SECURITY)
        stati = message.str.extract_all(_STATUS).list.join("|")
        codes = message.str.extract_all(_CODES).list.unique().list.sort().list.join("|")
        template = pl.when(security).then(pl.lit("")).otherwise(message.str.replace_all(_VARIABLE, "#"))
        yield frame.select(
            "row",
            pl.concat_str(
                pl.col("provider").fill_null(""),
                pl.col("event_id").cast(pl.String).fill_null(""),
                literals,
                pl.when(security).then(stati).otherwise(codes),
                separator="\x1f",
            )
            .hash(7)
            .alias("coarse"),
            template.hash(7).alias("fine"),
            (
                message.str.contains_any(list(anchors), ascii_case_insensitive=True)
                | pl.col("event_id").is_in(list(event_ids)).fill_null(value=False)
            ).alias("anchored"),
        )


def _fewer(fine: pl.DataFrame) -> pl.DataFrame:
    """The largest shapes as they are; the rest joined by the codes and literals they hold."""
    ordered = fine.with_columns(pl.col("row").list.len().alias("size")).with_row_index("at").sort("size", descending=True)
    kept = ordered.head(MOST_SHAPES // 2).sort("at").drop("at", "size")
    joined = (
        ordered.slice(MOST_SHAPES // 2)
        .sort("at")
        .group_by("coarse", maintain_order=True)
        .agg(pl.col("row").explode().sort(), pl.col("anchored").any(), pl.col("fine").first())
    )
    return pl.concat([kept, joined.select(kept.columns)])

"""Which events matter: one vectorised pass over the event table, and events of one shape looked into once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.diagnosis.limits import Limits
from inspector.diagnosis.marks import COLUMNS, Marks, flagged
from inspector.diagnosis.pieces import pieces
from inspector.events import Flags
from inspector.job import Job
from inspector.store import EventStore

Rows = npt.NDArray[np.uint32]

MOST_SHAPES: Final = 4_000
"""Shapes that are looked into at all, the largest ones."""
MOST_ALIKE: Final = 100
"""Shapes with the same codes and literals that are looked into one by one; the smallest beyond them count as one shape."""
MOST_KIN: Final = 500
"""The same for shapes with the same literals whose codes differ."""
_CODES: Final = (
    r"\b(?:AADSTS\d{4,8}|IDX\d{5}|MSIS\d{4}|WSE\d{3}|WIF\d{4,5}|ID\d{4}|WSM-\d{5}|0x[89CcF][0-9A-Fa-f]{7})\b"
    r"|\b(?:[Ee]rror|[Aa]lert|data|code)[^\w]{1,4}\d{1,5}\b"
)
_VARIABLE: Final = r"[A-Za-z0-9+/_=-]{32,}|\b[A-Za-z_]*[0-9][0-9A-Za-z_:.+-]*"
_SECURITY: Final = r"(?i)security-auditing"
_STATUS: Final = r"(?i)\b(?:Sub ?Status|Status|FailureCode|Failure Code|Result Code|Error Code)\W{1,8}(0x[0-9A-Fa-f]{1,8})"
_HELD: Final = Flags.ENVELOPE | Flags.TOKEN
_BEGINNING: Final = 100
"""Characters by which events are told apart in which the dictionary's literals are not."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Events whose text differs only in numbers, ids and the like."""

    rows: Rows
    """In file order."""
    anchored: bool
    """Whether a literal of the dictionary is in the text, or its event ID is asked for; else only an envelope or token is there."""


def wanted(anchors: Sequence[str], event_ids: Sequence[int]) -> pl.Expr:
    """Expression that is true for every event that the dictionary can say something about, or that holds an envelope or a token.

    Only the messages of those that hold neither are searched for literals: the others are wanted anyway.
    """
    held = flagged(_HELD)
    searched = pl.when(~held).then(pl.col("message"))
    said = searched.str.contains_any(list(anchors), ascii_case_insensitive=True).fill_null(value=False)
    return held | said | pl.col("event_id").is_in(list(event_ids)).fill_null(value=False)


class Shapes:
    """The shapes of the events that matter, found while the table is searched."""

    def __init__(self, store: EventStore, anchors: Sequence[str], event_ids: Sequence[int], job: Job, marks: Marks) -> None:
        """``marks`` is given every message with an envelope or a token while it is in memory."""
        self._store = store
        self._anchors = list(anchors)
        self._event_ids = list(event_ids)
        self._job = job
        self._marks = marks
        self._parts: list[pl.DataFrame] = []
        self._seen: set[int] = set()

    def search(self, arrived: Callable[[Iterable[int]], None]) -> None:
        """Search the whole table. ``arrived`` gets the first row of every shape that is new, of those that the dictionary may speak about. Raises Cancelled."""
        total = len(self._store)
        self._job.report(0, total, "Looking for events that matter")

        def found(rows: Rows) -> None:
            for part in self._keyed(rows):
                self._parts.append(part)
                arrived(self._new_in(part))
            self._job.report(int(rows[-1]), total, "Looking for events that matter")

        self._store.matching(wanted(self._anchors, self._event_ids), self._job, arrived=found)

    def so_far(self, firsts: Iterable[int]) -> dict[int, Rows]:
        """By the first row of a shape, all its rows that were found until now."""
        wanted = set(firsts)
        if not wanted:
            return {}
        keyed = pl.concat(self._parts).filter(pl.col("anchored"))
        grouped = keyed.group_by("fine", maintain_order=True).agg("row")
        return {int(rows[0]): np.asarray(rows, np.uint32) for rows in grouped["row"] if int(rows[0]) in wanted}

    def all(self, limits: Limits) -> list[Shape]:
        """Every shape, in order of its first row; where there are too many, those with the same codes and literals are one."""
        if not self._parts:
            return []
        self._job.report(0, 0, "Grouping events by shape")
        keyed = pl.concat(self._parts)
        self._parts = [keyed]
        fine = keyed.group_by("fine", maintain_order=True).agg("row", pl.col("coarse", "broad", "anchored").first())
        fewer = _fewer(fine)
        limits.met("kinds of events, told apart by more than their numbers", len(fewer), len(fine))
        self._parts = []
        return [Shape(np.asarray(found["row"], np.uint32), bool(found["anchored"])) for found in fewer.iter_rows(named=True)]

    def _new_in(self, part: pl.DataFrame) -> Iterator[int]:
        for row, key in part.filter("anchored").unique("fine", keep="first", maintain_order=True).select("row", "fine").iter_rows():
            if key not in self._seen and len(self._seen) < MOST_SHAPES:
                self._seen.add(key)
                yield row

    def _keyed(self, rows: Rows) -> Iterator[pl.DataFrame]:
        """Row, shape and kin of each row, piece by piece."""
        asked = pl.col("event_id").is_in(self._event_ids).fill_null(value=False)
        for piece in pieces(self._store, rows, ("provider", "event_id", *COLUMNS), self._job):
            held = piece.filter(flagged(_HELD) & pl.col("message").is_not_null())
            if len(held):
                self._marks.add(held)
            literals = pl.col("message").str.extract_many(self._anchors, ascii_case_insensitive=True, overlapping=True)
            frame = piece.with_columns(pl.col("provider").fill_null(""), pl.col("message").fill_null("")).with_columns(
                literals.alias("literals")
            )
            frame = frame.with_columns(((pl.col("literals").list.len() > 0) | asked).alias("anchored"))
            for part, keys in ((frame.filter("anchored"), _keys), (frame.filter(~pl.col("anchored")), _plain_keys)):
                if len(part):
                    yield keys(part)


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    message = pl.col("message")
    literals = pl.col("literals").list.eval(pl.element().str.to_lowercase()).list.unique().list.sort().list.join("|")
    codes = message.str.extract_all(_CODES).list.unique().list.sort().list.join("|")
    template = message.str.replace_all(_VARIABLE, "#")
    audited = frame["provider"].str.contains(_SECURITY)
    if audited.any():
        stati = message.str.extract_all(_STATUS).list.join("|")
        security = pl.lit(audited)
        codes = stati if audited.all() else pl.when(security).then(stati).otherwise(codes)
        template = pl.lit("") if audited.all() else pl.when(security).then(pl.lit("")).otherwise(template)
    identity = (pl.col("provider"), pl.col("event_id").cast(pl.String).fill_null(""))
    return frame.select(
        "row",
        pl.concat_str(*identity, literals, separator="\x1f").hash(7).alias("broad"),
        pl.concat_str(*identity, literals, codes, separator="\x1f").hash(7).alias("coarse"),
        pl.concat_str(*identity, literals, codes, template, separator="\x1f").hash(7).alias("fine"),
        "anchored",
    )


def _plain_keys(frame: pl.DataFrame) -> pl.DataFrame:
    """Keys of events in which the dictionary's literals are not: their beginnings tell them apart well enough."""
    template = pl.col("message").str.head(_BEGINNING).str.replace_all(_VARIABLE, "#")
    key = pl.concat_str("provider", pl.col("event_id").cast(pl.String).fill_null(""), template, separator="\x1f").hash(7)
    return frame.select("row", key.alias("broad"), key.alias("coarse"), key.alias("fine"), "anchored")


def _fewer(fine: pl.DataFrame) -> pl.DataFrame:
    """The largest shapes as they are; the rest joined by the codes and literals they hold, then by the literals alone."""
    found = fine.with_row_index("at")
    for kin, most in (("coarse", MOST_ALIKE), ("broad", MOST_KIN)):
        found = found.sort(pl.col("row").list.len(), descending=True, maintain_order=True)
        kept = found.filter(pl.int_range(pl.len()).over(kin) < most)
        joined = (
            found.filter(pl.int_range(pl.len()).over(kin) >= most)
            .sort("at")
            .group_by(kin, maintain_order=True)
            .agg(pl.col("row").explode().sort(), pl.exclude("row", kin).first())
        )
        found = pl.concat([kept, joined.select(kept.columns)]).sort("at")
    if len(found) > MOST_SHAPES:
        found = found.sort(pl.col("row").list.len(), descending=True, maintain_order=True).head(MOST_SHAPES).sort("at")
    return found

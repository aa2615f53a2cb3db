"""Our own texts for many events at once that are of one kind and have the same data in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

import polars as pl

from inspector.formats.evtx.event_xml import unescaped
from inspector.formats.message_templates import BLANKS, MISSING, Template, word_for

MOST_CODES: Final = 4096
"""Codes of one kind that are remembered."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Where the datum for one hole of a template stands."""

    place: int
    """Number of the Data element; -1 where the event has none of that name."""
    opening: str
    """What is in front of its value; "" for unnamed data."""


class Codes:
    """What the codes of one kind read as, each looked up once."""

    def __init__(self, kind: str, *, as_xml: bool = True) -> None:
        """``as_xml``: codes come, and words go, as XML."""
        self._kind = kind
        self._as_xml = as_xml
        self._known = pl.Enum([])
        self._words: list[str] = []
        self._table = pl.Series(self._words, dtype=pl.String)

    def numbered(self, codes: pl.Series) -> pl.Series:
        """The codes by numbers into ``words``."""
        found = codes.cast(self._known, strict=False)
        if found.null_count() > codes.null_count():
            self._learn(codes)
            found = codes.cast(self._known)
        return found

    def words(self, name: str) -> pl.Expr:
        """The words for a column of numbers."""
        return pl.lit(self._table).gather(pl.col(name).to_physical())

    def _learn(self, codes: pl.Series) -> None:
        known = self._known.categories
        new = codes.drop_nulls().unique(maintain_order=True)
        if len(known) + len(new) > MOST_CODES:
            self._words, known = [], known[:0]
        new = new.filter(~new.is_in(known.implode()))
        self._known = pl.Enum(pl.concat([known, new]))
        codes_read = new.to_list()
        if self._as_xml:
            self._words += [escape(word_for(self._kind, unescaped(code))) for code in codes_read]
        else:
            self._words += [word_for(self._kind, code) for code in codes_read]
        self._table = pl.Series(self._words, dtype=pl.String)


class Shape:
    """One kind of event with the same data in the same order: what its text is made of."""

    def __init__(self, template: Template, holes: Sequence[Hole], openings: Sequence[str], separator: str, codes: dict[str, Codes]) -> None:
        """``openings``: what each Data element begins with up to its value; ``separator``: what stands between two."""
        self._split = pl.col("body").str.split(separator).alias("part")
        self._tags = pl.col("body").str.count_matches("<", literal=True).alias("tags")
        alike = [
            pl.col("part").list.len() == len(openings),
            pl.col("tags") == 2 * (len(openings) - 1),  # those of the separators: the data hold nothing but text
            *(_part(place).str.starts_with(opening) for place, opening in enumerate(openings) if opening),
        ]
        self._words = [pl.all_horizontal(alike).alias("alike")]
        self._coded: dict[str, Codes] = {}
        self._pieces: list[pl.Expr | str] = []
        """Text as XML, and the names of columns of codes."""
        literal = template.parts[0]
        for number, ((_, kind), hole, part) in enumerate(zip(template.holes, holes, template.parts[1:], strict=True)):
            if hole.place < 0:
                literal += MISSING + part
                continue
            name = f"word{number}"
            word = _part(hole.place).str.slice(len(hole.opening)).str.strip_chars(BLANKS)
            self._words.append((word if kind else pl.when(word == "").then(pl.lit(MISSING)).otherwise(word)).alias(name))
            if kind:
                self._coded[name] = codes.setdefault(kind, Codes(kind))
            self._pieces += [pl.lit(escape(literal)), name if kind else pl.col(name)]
            literal = part
        self._pieces.append(pl.lit(escape(literal)))

    def texts(self, bodies: pl.Series) -> pl.DataFrame:
        """``text`` as XML for each event, and whether the event is ``alike``, without which its text is wrong.

        ``bodies`` is the events' data, the first opening tag cut off.
        """
        frame = bodies.alias("body").to_frame().select(self._split, self._tags).select(self._words)
        if self._coded:
            frame = frame.with_columns([codes.numbered(frame[name]) for name, codes in self._coded.items()])
        pieces = [self._coded[piece].words(piece) if isinstance(piece, str) else piece for piece in self._pieces]
        return frame.select("alike", text=pl.concat_str(pieces))


def _part(place: int) -> pl.Expr:
    return pl.col("part").list.get(place, null_on_oob=True)

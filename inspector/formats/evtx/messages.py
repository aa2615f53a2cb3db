"""Message texts of many events at once: their data as ``name: value`` lines, our own text above where we have one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.formats.evtx.headings import NAMED, UNNAMED, Heading

Mask = npt.NDArray[np.bool_]

NAMED_START: Final = b'<EventData><Data Name="'
UNNAMED_START: Final = b"<EventData><Data>"
EMPTY: Final = b"<EventData></EventData></Event>"
DATA_END: Final = b"</Data></EventData></Event>"

OTHER, BARE, NAMES, PLACES = range(4)
"""What an event's data are: something else, nothing, Data elements the first of which has a name, or has none."""
_SEPARATORS: Final = {NAMES: NAMED, PLACES: UNNAMED}


# ``">`` can only end a tag, since the readers write every > of a text as an entity
_LINES: Final = pl.col("body").str.replace_all(NAMED, "\n", literal=True).str.replace_all('">', ": ", literal=True)
"""Event data as ``name: value`` lines, entities not yet resolved."""
_APART: Final = pl.col("line").str.contains("<", literal=True)
"""A tag is left over: there is more to the event than Data elements."""
_ENTITY: Final = pl.col("line").str.contains("&", literal=True)
_CLASSIC: Final = (
    pl.col("line")
    .str.strip_suffix("</EventData></Event>")
    .str.strip_suffix("</Data>")
    .str.replace_all(UNNAMED, "\n", literal=True)
    .str.replace_all("</Data><Binary></Binary>", "", literal=True)
    .str.replace_all("</Data><Binary>", "\nBinary: ", literal=True)
    .str.strip_suffix("</Binary>")
)
"""The same for the unnamed values of classic events."""
_UNESCAPED: Final = (
    pl.col("line")
    .str.replace_all("&lt;", "<", literal=True)
    .str.replace_all("&gt;", ">", literal=True)
    .str.replace_all("&quot;", '"', literal=True)
    .str.replace_all("&apos;", "'", literal=True)
    .str.replace_all("&amp;", "&", literal=True)  # last: what it gives is not looked at again
)
_NUMERIC: Final = pl.col("line").str.contains("&#", literal=True)


@dataclass(frozen=True, slots=True)
class Messages:
    """Texts of a batch's events, and what is to be said about them."""

    texts: pl.Series
    headed: Mask
    """Our own text stands above the data."""
    apart: Mask
    """The event is made otherwise: its text is still to be made, out of its parts."""


def data_lines(bodies: pl.Series) -> pl.Series:
    """Event data, as ``messages`` takes them, as ``name: value`` lines, entities not yet resolved; null where there is more to them than that."""
    lines = bodies.alias("body").to_frame().select(line=_LINES)
    lines = lines.select(line=pl.when(_APART).then(_CLASSIC).otherwise("line"))
    return lines.select(pl.when(~_APART).then("line")).to_series()


def messages(
    bodies: pl.Series, kinds: npt.NDArray[np.uint8], heads: npt.NDArray[np.uint32], headings: Sequence[Heading | None]
) -> Messages:
    """Texts for the events.

    ``bodies`` is what follows each System block, without the opening of the data that ``kinds`` names and without
    ``DATA_END``; ``headings`` are our own texts by the numbers in ``heads``.
    """
    frame = bodies.alias("body").to_frame().select(line=_LINES).with_columns(apart=_APART, entity=_ENTITY)
    lines = frame["line"]
    apart = frame["apart"].to_numpy().copy()
    entities = frame["entity"].to_numpy().copy()
    rest = np.flatnonzero(apart)
    if len(rest):
        classic = lines[rest].to_frame("line").select(line=_CLASSIC).with_columns(apart=_APART)
        lines = lines.scatter(rest, classic["line"])
        apart[rest] = classic["apart"].to_numpy()
    headed = np.zeros(len(lines), bool)
    rows, above = _headings(bodies, kinds, heads, headings)
    if len(rows):
        below = pl.DataFrame([above.alias("above"), lines[rows].alias("line")])
        made = below.select(
            line=pl.when(pl.col("line") == "").then("above").otherwise(pl.concat_str("above", pl.lit("\n\n"), "line")),
            entity=pl.col("above").str.contains("&", literal=True),
        )
        fine = made["line"].is_not_null().to_numpy()
        apart[rows[~fine]] = True
        headed[rows[fine]] = True
        lines = lines.scatter(rows, made["line"].fill_null(""))
        entities[rows] |= made["entity"].fill_null(value=False).to_numpy()
    escaped = np.flatnonzero(entities & ~apart)
    if len(escaped):
        plain = lines[escaped].to_frame("line").select(line=_UNESCAPED, numeric=_NUMERIC)
        lines = lines.scatter(escaped, plain["line"])
        apart[escaped] = plain["numeric"].to_numpy()
    return Messages(lines, headed & ~apart, apart)


def _headings(
    bodies: pl.Series, kinds: npt.NDArray[np.uint8], heads: npt.NDArray[np.uint32], headings: Sequence[Heading | None]
) -> tuple[npt.NDArray[np.intp], pl.Series]:
    """Rows of the events that have a text of ours, and these texts as XML; null where one must be taken apart for it."""
    rows: list[npt.NDArray[np.intp]] = []
    texts: list[pl.Series] = []
    for heading, group in _groups(heads, headings):
        for kind in np.unique(kinds[group]).tolist():
            some = group[kinds[group] == kind]
            rows.append(some)
            if kind in _SEPARATORS:
                texts.append(heading.texts(bodies[some], _SEPARATORS[kind]))
            else:
                texts.append(pl.repeat(heading.bare() if kind == BARE else None, len(some), dtype=pl.String, eager=True))
    if not rows:
        return np.zeros(0, np.intp), pl.Series([], dtype=pl.String)
    return np.concatenate(rows), pl.concat(texts)


def _groups(heads: npt.NDArray[np.uint32], headings: Sequence[Heading | None]) -> Iterator[tuple[Heading, npt.NDArray[np.intp]]]:
    """Each heading with the rows of the events that it is for."""
    has = np.array([heading is not None for heading in headings], bool)
    rows = np.flatnonzero(has[heads])
    order = rows[np.argsort(heads[rows], kind="stable")]
    codes = heads[order]
    for group in np.split(order, np.flatnonzero(codes[1:] != codes[:-1]) + 1):
        heading = headings[heads[group[0]]] if len(group) else None
        if heading is not None:
            yield heading, group

"""Our own text above the data of events that bring none: a template's holes filled straight from the event's XML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final
from xml.sax.saxutils import escape

import numpy as np
import polars as pl

from inspector.formats.evtx.event_xml import unescaped
from inspector.formats.evtx.shapes import Codes, Hole, Shape
from inspector.formats.message_templates import Template, template_for

NAMED: Final = '</Data><Data Name="'
UNNAMED: Final = "</Data><Data>"


MOST_TEXTS: Final = 2048
"""Texts of one kind of event that are remembered."""
MOST_SHAPES: Final = 64
"""Shapes of one kind of event that are remembered."""
MANY: Final = 100
"""Events of one kind from which on it is worth while to make their texts all at once."""


class Heading:
    """The text for one kind of event.

    Most events of a kind have the same data at the same places, and only a few different ones in the holes: a
    text is made once for what stands at those places.
    """

    def __init__(self, template: Template) -> None:
        self.template = template
        self._positions = any(name.isdigit() for name, _ in template.holes)
        self._shapes: dict[tuple[str, tuple[str | None, ...]], Shape] = {}
        self._codes: dict[str, Codes] = {}
        self._texts: dict[tuple[str, ...], str] = {}
        self._separator = ""
        self._holes: tuple[Hole, ...] = ()
        self._splits = -1
        self._take: Callable[[Sequence[str]], tuple[str, ...]] = tuple
        self._absent: tuple[str, ...] = ()
        """Names, and positions, of holes that have no datum."""

    def text(self, body: str, separator: str) -> str | None:
        """The text as XML, for event data whose first opening tag is cut off and whose others are ``separator``, NAMED or UNNAMED.

        None where the event has both kinds.
        """
        if separator == UNNAMED:
            if NAMED in body:
                return None
        elif self._positions and UNNAMED in body:
            return None
        if separator != self._separator or (self._absent and self._appears(body)):
            self._settle(body.split(separator), separator)
        parts = body.split(separator, self._splits)
        try:
            key = self._take(parts)
        except IndexError:
            self._settle(body.split(separator), separator)
            return self.text(body, separator)
        text = self._texts.get(key)
        if text is None:
            values = self._values(key)
            if values is None:
                self._settle(body.split(separator), separator)
                return self.text(body, separator)
            if len(self._texts) >= MOST_TEXTS:
                self._texts.clear()
            text = self._texts[key] = escape(self.template.filled(values))
        return text

    def texts(self, bodies: pl.Series, separator: str) -> pl.Series:
        """As ``text``, for many events at once."""
        shape = self._shape_of(bodies[0], separator) if len(bodies) >= MANY else None
        if shape is None:
            return self._one_by_one(bodies, separator)
        made = shape.texts(bodies)
        texts, others = made["text"], np.flatnonzero(~made["alike"].to_numpy())
        if len(others):
            texts = texts.scatter(others, self._one_by_one(bodies[others], separator))
        return texts

    def _shape_of(self, body: str, separator: str) -> Shape | None:
        """The shape of an event; None where it has none."""
        parts = body.split(separator)
        openings = tuple(_opening(part) if separator == NAMED else "" for part in parts)
        found = self._shapes.get((separator, openings))
        if found is None and None not in openings:
            if len(self._shapes) >= MOST_SHAPES:
                self._shapes.clear()
            holes = self.holes(parts, separator)
            known = [opening for opening in openings if opening is not None]
            found = self._shapes[separator, openings] = Shape(self.template, holes, known, separator, self._codes)
        return found

    def holes(self, parts: Sequence[str], separator: str) -> tuple[Hole, ...]:
        """Where the data for the holes stand in an event's data, taken apart at ``separator``."""
        return tuple(_hole(name, parts, separator) for name, _ in self.template.holes)

    def _one_by_one(self, bodies: pl.Series, separator: str) -> pl.Series:
        return pl.Series([self.text(body, separator) for body in bodies.to_list()], dtype=pl.String)

    def bare(self) -> str:
        """The text as XML for an event without data."""
        return escape(self.template.filled([None] * len(self.template.holes)))

    def _settle(self, parts: Sequence[str], separator: str) -> None:
        """Learn from an event where the data for the holes stand; what was known is for events that are made otherwise."""
        self._texts = {}
        self._separator = separator
        self._holes = self.holes(parts, separator)
        self._absent = tuple(name for (name, _), hole in zip(self.template.holes, self._holes, strict=True) if hole.place < 0)
        places = [hole.place for hole in self._holes if hole.place >= 0]
        self._splits = max(places, default=-1) + 1
        if len(places) > 1:
            self._take = itemgetter(*places)
        else:
            self._take = lambda parts: tuple(parts[place] for place in places)

    def _appears(self, body: str) -> bool:
        """Whether an event has data that the events before it lacked."""
        for name in self._absent:
            opening = f'{escape(name)}">'
            if body.startswith(opening) or f'"{opening}' in body or (name.isdigit() and body.count(self._separator) + 1 >= int(name) > 0):
                return True
        return False

    def _values(self, parts: tuple[str, ...]) -> list[str | None] | None:
        """The data for the holes, out of the parts that hold them; None where the event is made otherwise than was learnt."""
        values: list[str | None] = []
        at = 0
        for hole in self._holes:
            if hole.place < 0:
                values.append(None)
                continue
            part, opening = parts[at], hole.opening
            at += 1
            if not part.startswith(opening):
                return None
            value = part[len(opening) :]
            if "<" in value:
                value = value.partition("<")[0]
            values.append(unescaped(value) if "&" in value else value)
        return values


def _opening(part: str) -> str | None:
    """The name that a part of named data begins with, up to its value; None where that is not to be made out."""
    name, mark, _ = part.partition('">')
    return name + mark if mark else None


def _hole(name: str, parts: Sequence[str], separator: str) -> Hole:
    opening = f'{escape(name)}">' if separator == NAMED else ""
    if opening:
        for place, part in enumerate(parts):
            if part.startswith(opening):
                return Hole(place, opening)
    if name.isdigit() and 0 < int(name) <= len(parts):
        place = int(name) - 1
        before, mark, _ = parts[place].partition('">') if separator == NAMED else ("", "", "")
        return Hole(place, before + mark)
    return Hole(-1, opening)


@lru_cache(maxsize=512)
def heading(head: str, provider: str | None, event_id: int | None) -> Heading | None:
    """The heading for events whose System block begins with ``head``; None where we have no text for them.

    One for each ``head``, since that holds the event's version, and with it the names and places of its data.
    """
    del head
    template = template_for(provider, event_id)
    return None if template is None else Heading(template)

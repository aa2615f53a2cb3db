"""Conditions on rows: a small tree whose leaves carry a polars expression and its English."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Test:
    """A yes-or-no expression over columns of the event table; null counts as no."""

    columns: tuple[str, ...]
    """Names of ``events.COLUMNS`` that the expression reads; ``source_name`` stands for the source's display name."""
    expression: pl.Expr
    """Text columns are pl.String; ``time`` is Int64 microseconds UTC."""
    english: str
    """Reads after "events": ``that contain “alice”``."""
    negated: str
    """The same, denied."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Rows that somebody else chose: of a cause, bookmarked, with a note."""

    kind: str
    """``cause``, ``finding``, ``bookmark``, ``note`` or ``highlight``."""
    value: str
    english: str
    negated: str


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; with no part, every row."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Said:
    """A condition that reads as one statement, whatever it is made of."""

    part: Condition
    english: str
    negated: str


Condition = Test | Chosen | Every | Some | Negation | Said


def as_expression(condition: Condition, chosen: Callable[[Chosen], pl.Expr]) -> pl.Expr:
    """The whole condition as one polars expression, evaluated without any shortcut; ``chosen`` supplies the leaves of row sets."""
    match condition:
        case Test():
            return condition.expression.fill_null(value=False)
        case Chosen():
            return chosen(condition)
        case Negation():
            return ~as_expression(condition.part, chosen)
        case Said():
            return as_expression(condition.part, chosen)
        case Every():
            return functools.reduce(operator.and_, (as_expression(part, chosen) for part in condition.parts), pl.lit(value=True))
        case Some():
            return functools.reduce(operator.or_, (as_expression(part, chosen) for part in condition.parts), pl.lit(value=False))


def describe(condition: Condition) -> str:
    """The condition in English, to follow the word "events"; empty when it holds for every row."""
    return _describe(condition, negated=False, inside="")


def _describe(condition: Condition, *, negated: bool, inside: str) -> str:
    """``inside``: the word that joins this statement to its neighbours; brackets are needed where another one joins within."""
    match condition:
        case Test() | Chosen() | Said():
            return condition.negated if negated else condition.english
        case Negation():
            return _describe(condition.part, negated=not negated, inside=inside)
        case Every() | Some():
            word = "and" if isinstance(condition, Every) != negated else "or"
            text = f" {word} ".join(_describe(part, negated=negated, inside=word) for part in condition.parts)
            return f"({text})" if inside not in {"", word} else text


def alternatives(parts: Sequence[Condition]) -> Condition:
    """One of several values of the same field, in words that name the field once."""
    if len(parts) == 1:
        return parts[0]
    return Said(
        Some(tuple(parts)),
        _listed([_describe(part, negated=False, inside="") for part in parts]),
        _listed([_describe(part, negated=True, inside="") for part in parts]),
    )


def _listed(texts: Sequence[str]) -> str:
    """``of level error`` and ``of level warning`` as ``of level error or warning``."""
    words = [text.split(" ") for text in texts]
    same = 0
    while same < min(len(one) for one in words) - 1 and len({one[same] for one in words}) == 1:
        same += 1
    return " ".join([*words[0][:same], " or ".join(" ".join(one[same:]) for one in words)])

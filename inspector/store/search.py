"""Evaluating conditions over segments: what is cheap first, texts only of the rows still in question, where they lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.query import Chosen, Condition, Every, Negation, Said, Some, Test
from inspector.store.columns import ColumnReader
from inspector.store.segments import CODE_COLUMNS, HELD, TEXT_COLUMNS, Mask, Rows, Segment

ASKED_ONCE: Final = frozenset({"source_name", "level", "time_basis", *CODE_COLUMNS})
"""Columns with so few distinct values that an expression is asked once for each of them."""

FEW_VALUES: Final = 6
"""Up to so many values it is quicker to compare with each than to look every row up."""

SPARSE: Final = 6
"""Texts are copied out for an expression when they are fewer than one in so many of the segment; else it looks at the whole column where it lies."""

ChosenRows = Callable[[Chosen], npt.NDArray[np.integer[Any]]]
"""Supplies the row numbers behind a leaf that somebody else chose."""


def as_condition(wanted: pl.Expr | Condition) -> Condition:
    """An expression as a condition of one leaf."""
    if isinstance(wanted, pl.Expr):
        return Test(tuple(dict.fromkeys(wanted.meta.root_names())), wanted, "", "")
    return wanted


class Search:
    """One evaluation of a condition; segments may be looked at from several threads."""

    def __init__(self, columns: ColumnReader, chosen: ChosenRows | None) -> None:
        self._columns = columns
        self._chosen = chosen
        self._tables: dict[int, Mask] = {}
        self._sets: dict[int, Rows] = {}

    def rows(self, segment: Segment, condition: Condition) -> Rows:
        """Rows of the table, of this segment, that satisfy the condition."""
        mask = self._mask(segment, condition, None)
        return (np.flatnonzero(mask) + segment.start).astype(np.uint32)

    def _mask(self, segment: Segment, condition: Condition, within: Mask | None) -> Mask:
        """Which rows hold; outside ``within`` the answer does not matter."""
        match condition:
            case Test():
                return self._test(segment, condition, within)
            case Chosen():
                return self._row_set(segment, condition)
            case Negation():
                return ~self._mask(segment, condition.part, within)
            case Said():
                return self._mask(segment, condition.part, within)
            case Every():
                open_ = within
                for part in sorted(condition.parts, key=cost):
                    if open_ is not None and not open_.any():
                        break
                    mask = self._mask(segment, part, open_)
                    open_ = mask if open_ is None else open_ & mask
                return np.ones(segment.rows, np.bool_) if open_ is None else open_
            case Some():
                found = np.zeros(segment.rows, np.bool_)
                open_ = None
                for part in sorted(condition.parts, key=cost):
                    if open_ is None:
                        open_ = ~found if within is None else within & ~found
                    if not open_.any():
                        break
                    mask = self._mask(segment, part, open_)
                    if mask.strides == (0,) and len(mask) and not mask[0]:
                        continue
                    found |= mask & open_
                    open_ = None
                return found

    def _row_set(self, segment: Segment, condition: Chosen) -> Mask:
        rows = self._sets.get(id(condition))
        if rows is None:
            given = self._chosen(condition) if self._chosen else np.zeros(0, np.uint32)
            rows = self._sets[id(condition)] = np.unique(np.asarray(given, np.uint32))
        mask = np.zeros(segment.rows, np.bool_)
        first, last = np.searchsorted(rows, [segment.start, segment.end])
        mask[rows[first:last] - segment.start] = True
        return mask

    def _test(self, segment: Segment, test: Test, within: Mask | None) -> Mask:
        columns = test.columns
        if len(columns) == 1 and columns[0] in ASKED_ONCE:
            return self._by_value(segment, test)
        if all(column in HELD for column in columns):
            return _truth(self._columns.columns_of(segment, columns, None), test, segment.rows)
        if len(columns) == 1 and columns[0] in segment.file.absent:
            nothing = pl.DataFrame({columns[0]: [None]}, schema={columns[0]: pl.String()})
            return np.full(segment.rows, _truth(nothing, test, 1)[0])
        count = segment.rows if within is None else int(np.count_nonzero(within))
        if within is None or count * SPARSE > segment.rows:
            file = self._columns.mapped(segment)
            whole = [self._columns.held_series(segment, name, None).alias(name) if name in HELD else file.column(name) for name in columns]
            return _truth(pl.DataFrame(whole), test, segment.rows)
        local = np.flatnonzero(within)
        mask = np.zeros(segment.rows, np.bool_)
        mask[local] = _truth(self._columns.columns_of(segment, columns, local), test, len(local))
        return mask

    def _by_value(self, segment: Segment, test: Test) -> Mask:
        """Ask each distinct value once, then look the rows up."""
        column = test.columns[0]
        numbers = segment.held["source" if column == "source_name" else column]
        table = self._tables.get(id(test))
        values = self._columns.values_of(column)
        if table is None or len(table) < len(values):
            table = self._tables[id(test)] = _truth(pl.DataFrame([values.alias(column)]), test, len(values))
        if numbers.strides == (0,) and len(numbers):  # one value for the whole segment
            return np.broadcast_to(table[int(numbers[0])], len(numbers))
        wanted = np.flatnonzero(table)
        wanted = wanted[wanted <= np.iinfo(numbers.dtype).max]
        if not len(wanted):
            return np.broadcast_to(np.False_, len(numbers))
        if len(wanted) > FEW_VALUES:
            return np.take(table, numbers)
        found: Mask = numbers == numbers.dtype.type(wanted[0])
        for value in wanted[1:]:
            found |= numbers == numbers.dtype.type(value)
        return found


def _truth(frame: pl.DataFrame, test: Test, rows: int) -> Mask:
    return _as_mask(frame.select(test.expression.fill_null(value=False)).to_series(), rows)


def _as_mask(answer: pl.Series, rows: int) -> Mask:
    if len(answer) != rows:  # an expression without columns
        return np.full(rows, bool(answer[0]) if len(answer) else False)
    mask: Mask = answer.to_numpy()
    return mask


def cost(condition: Condition) -> int:
    """0: in memory; 1: numbers from the file; 2: short texts; 3: messages."""
    match condition:
        case Test():
            return max(
                (0 if column in HELD else 3 if column == "message" else 2 if column in TEXT_COLUMNS else 1 for column in condition.columns),
                default=0,
            )
        case Chosen():
            return 0
        case Negation() | Said():
            return cost(condition.part)
        case Every() | Some():
            return max((cost(part) for part in condition.parts), default=0)

"""The cause column: which rows belong to a finding and which cause that has, as numbers beside the event table."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from inspector.diagnosis.base import Diagnosis
from inspector.session.model import Rows


class CauseColumn:
    """Causes by row, for paging, sorting and counting; rows that came after the diagnosis have none."""

    def __init__(self, diagnosis: Diagnosis | None) -> None:
        findings = diagnosis.findings if diagnosis else ()
        self.names = ("", *sorted({found.cause.value for found in findings}))
        size = 1 + max((found.rows[-1] for found in findings), default=-1)
        self._codes = np.zeros(size, np.uint8)
        for found in reversed(findings):
            self._codes[np.asarray(found.rows, np.int64)] = self.names.index(found.cause.value)

    def codes(self, rows: Rows) -> npt.NDArray[np.uint8]:
        """Numbers into ``names``, 0 for rows without a cause."""
        found = np.zeros(len(rows), np.uint8)
        known = rows < len(self._codes)
        found[known] = self._codes[rows[known]]
        return found

    def of(self, rows: Rows) -> list[str]:
        """The causes of a few rows."""
        return [self.names[code] for code in self.codes(rows)]

    def in_order(self, rows: Rows, *, descending: bool) -> Rows:
        """Rows sorted by the name of their cause, equal ones in their present order, rows without one last."""
        codes = self.codes(rows).astype(np.int16)
        last = len(self.names)
        keys = np.where(codes == 0, last, last - codes if descending else codes)
        ordered: Rows = rows[np.argsort(keys, kind="stable")]
        return ordered

    def counts(self, rows: Rows | None, limit: int) -> list[tuple[str, int]]:
        """Causes and how many of the rows (None: all) have them, most frequent first."""
        counts = np.bincount(self._codes if rows is None else self.codes(rows), minlength=len(self.names))
        pairs = [(name, int(count)) for name, count in zip(self.names, counts, strict=False) if name and count]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:limit]

"""Rows of the event table a few at a time, so that memory stays bounded and a cancel is heard in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from inspector.job import Job
from inspector.store import EventStore

FETCHED: Final = 50_000
"""Rows whose messages are in memory at a time."""
LONG: Final = 4_000_000
"""Bytes of messages that are worked on between two looks whether to stop."""
MANY: Final = 10_000
"""The same, in rows."""


def pieces(store: EventStore, rows: npt.NDArray[np.uint32], columns: Sequence[str], job: Job) -> Iterator[pl.DataFrame]:
    """The columns of the rows, ``message`` among them, in order. Raises Cancelled."""
    for start in range(0, len(rows), FETCHED):
        job.check()
        frame = store.frame(rows[start : start + FETCHED], columns)
        size = int(frame["message"].str.len_bytes().fill_null(0).sum())
        step = max(1, min(MANY, len(frame) * LONG // max(size, 1)))
        for first in range(0, len(frame), step):
            job.check()
            yield frame[first : first + step]

"""The .evtx format with a native reader that crashes its process at a word: for tests of what is read all the same."""

from __future__ import annotations

import io
import multiprocessing
import os

from inspector.formats.evtx import EVTX, first_reader
from inspector.formats.evtx.first_reader import Refusal

WORD = "ends this process"
_outcomes = first_reader.outcomes


def outcomes(file: io.BytesIO) -> list[str | Refusal]:
    if WORD.encode("utf-16-le") in file.getvalue():
        os.abort()
    return _outcomes(file)


if multiprocessing.parent_process() is not None:
    first_reader.outcomes = outcomes
FORMATS = (EVTX,)

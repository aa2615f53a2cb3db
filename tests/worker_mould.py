"""What every worker process of the tests has loaded when it begins (``conftest.py``)."""

from __future__ import annotations

import gc
import os

os.environ["POLARS_MAX_THREADS"] = "1"  # read when the engine is loaded; workers of the program set it themselves

import inspector.ingest.worker

gc.freeze()

__all__ = ["inspector"]

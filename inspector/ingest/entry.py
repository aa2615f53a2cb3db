"""The first function of a worker process: sets limits, then loads the readers."""

from __future__ import annotations

import gc
import importlib
import os
from multiprocessing.connection import Connection


def run(tasks: Connection, messages: Connection, folder: str, memory: int, formats: str) -> None:
    """Serve tasks until the pipe closes, with the FORMATS of the module named ``formats``. Imports little on purpose: the engine reads its settings when it is imported."""
    os.environ["POLARS_MAX_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one worker a core; threads inside would only fight
    os.umask(0o077)
    from inspector.ingest.limits import keep_freed_memory, limit_memory, settle_signals

    settle_signals()
    keep_freed_memory()
    limit_memory(memory)
    from inspector.ingest.worker import serve

    known = importlib.import_module(formats).FORMATS
    gc.freeze()
    gc.set_threshold(100_000)  # what reading makes is freed without the collector; walking it would only cost
    serve(tasks, messages, folder, known)

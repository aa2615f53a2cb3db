"""The first function of a worker process: sets limits, then loads the readers."""

from __future__ import annotations

import importlib
import os
from multiprocessing.connection import Connection


def run(tasks: Connection, messages: Connection, folder: str, memory: int, formats: str) -> None:
    """Serve tasks until the pipe closes, with the FORMATS of the module named ``formats``. Imports little on purpose: the engine reads its settings when it is imported."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # one worker a core; threads inside would only fight
    os.umask(0o077)
    from inspector.ingest.limits import limit_memory, settle_signals

    settle_signals()
    limit_memory(memory)
    from inspector.ingest.worker import serve

    serve(tasks, messages, folder, importlib.import_module(formats).FORMATS)

"""SHA-256 of large sources, computed after their rows are there; the digest runs outside the interpreter's lock."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from inspector.events import Source
from inspector.ingest.tasks import Recognised
from inspector.job import Job
from inspector.store import EventStore

PART: Final = 1 << 20


class Hasher:
    """Fills in the hashes of sources that have none, one file after the other, on a thread of its own."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._waiting: deque[int] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._partial: dict[int, tuple[hashlib._Hash, int]] = {}
        """Digest of the first bytes of a source, for when its file grows."""

    def add(self, numbers: Mapping[int, Recognised]) -> None:
        """Hash these sources when they have no hash yet."""
        with self._changed:
            self._waiting.extend(number for number in numbers if not self._store.source(number).sha256)
            if self._waiting and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="hashing", daemon=True)
                self._thread.start()

    def wait(self, job: Job) -> None:
        """Return when every hash is there. Raises Cancelled."""
        with self._changed:
            while self._thread is not None:
                job.check()
                self._changed.wait(0.1)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting or self._closed:
                    self._thread = None
                    self._changed.notify_all()
                    return
                number = self._waiting.popleft()
            try:
                source = self._store.source(number)
                digest = self._digest(source)
                now = self._store.source(number)
                if digest and now.size == source.size:  # else it grew meanwhile and waits again
                    self._store.put_source(replace(now, sha256=digest))
            except KeyError:
                continue  # removed meanwhile

    def _digest(self, source: Source) -> str:
        digest, done = self._partial.pop(source.id, (hashlib.sha256(), 0))
        if done > source.size:
            digest, done = hashlib.sha256(), 0
        view = memoryview(bytearray(PART))
        try:
            with source.path.open("rb", buffering=0) as stream:
                stream.seek(done)
                while done < source.size and (count := stream.readinto(view[: source.size - done])):
                    digest.update(view[:count])
                    done += count
                    if self._closed:
                        return ""
        except OSError:
            return ""
        self._partial[source.id] = digest, done
        return digest.hexdigest()

    def close(self) -> None:
        """Stop at the next part."""
        with self._changed:
            self._closed = True
            thread = self._thread
        if thread is not None:
            thread.join(5)

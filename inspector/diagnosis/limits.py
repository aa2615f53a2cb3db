"""What was left unread for the sake of time, with figures: no bound on the work is silent."""

from __future__ import annotations


class Limits:
    """Collects where a bound was met while diagnosing."""

    def __init__(self) -> None:
        self._met: dict[str, tuple[int, int]] = {}

    def met(self, what: str, looked: int, of: int) -> None:
        """Say that only so many of so many were looked at; the same thing said again adds up. Nothing is noted where all were."""
        if looked < of:
            before = self._met.get(what, (0, 0))
            self._met[what] = (before[0] + looked, before[1] + of)

    @property
    def words(self) -> tuple[str, ...]:
        """Each bound that was met: ``what: 200 of 1,204``."""
        return tuple(f"{what}: {looked:,} of {of:,}" for what, (looked, of) in self._met.items())

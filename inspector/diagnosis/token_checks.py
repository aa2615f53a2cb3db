"""What the tokens themselves show: failed checks of form and algorithm, and of what the user supplied to judge them with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from inspector.diagnosis.base import Cause, Circumstances, EventText, Evidence, Incident, Suggestion
from inspector.diagnosis.contents import tokens_of
from inspector.tokens.base import Check, Outcome, Token, Trust
from inspector.tokens.verify import verify

_SUPPLIED: Final = frozenset({"signature", "digest", "validity", "audience", "issuer", "revocation", "trust", "chain", "password"})
"""Checks against what the user supplied: a failed one is proof."""
_WEIGHTS: Final = {Cause.MALFORMED: 55, Cause.UNSUPPORTED: 60, Cause.EXPIRED: 30, Cause.CLOCK_SKEW: 30}
"""What a failed check of the token alone says; whether the receiver minded, only its own words prove."""


class TokenChecks:
    """Turns failed checks into hypotheses."""

    name = "token checks"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        trust = circumstances.trust
        supplied = trust != Trust()
        found: list[Suggestion] = []
        for event in incident.events:
            for token in tokens_of(event):
                checks = (*token.checks, *verify(token, trust, circumstances.at or event.time)) if supplied else token.checks
                found += self._of(event, token, checks)
        return found

    def _of(self, event: EventText, token: Token, checks: Sequence[Check]) -> Iterator[Suggestion]:
        excerpt = event.message[token.span.start : token.span.end][:400]
        for check in checks:
            if check.outcome is not Outcome.FAILED or check.cause not in set(Cause):
                continue
            cause = Cause(check.cause)
            weight = 95 if check.name in _SUPPLIED else _WEIGHTS.get(cause, 40)
            text = f"{token.title}: {check.name}: {check.reason}"
            yield Suggestion(cause, weight, text, supports=(Evidence(text, event.row, event.source, event.position, excerpt, token.span),))

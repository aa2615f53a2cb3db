"""Weighs the suggestions on one incident into ranked hypotheses: figures before wording, proof before guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from inspector.diagnosis.base import Cause, Confidence, Evidence, Hypothesis, Suggestion

_HIGH: Final = 90
_MEDIUM: Final = 60
_EXPLICIT: Final = 86
"""A cause that something names outright with this weight is not overruled by figures that fit another one too."""
_LISTED: Final = 6
"""Weight from which a cause is listed at all."""
_LIMIT: Final = 5
_T = TypeVar("_T")

ASK: Final[Mapping[Cause, tuple[str, ...]]] = {
    Cause.EXPIRED: ("The refused token or request itself, with its dates, and the clock of the machine that judged it.",),
    Cause.CLOCK_SKEW: ("w32tm /stripchart /computer:<dc> /samples:3 /dataonly (or chronyc tracking) on both machines.",),
    Cause.MALFORMED: ("The token or message as it arrived, byte for byte.",),
    Cause.SIGNATURE_MISMATCH: ("The issuer's published keys or certificate (JWKS, metadata), to verify the signature here.",),
    Cause.AUDIENCE_MISMATCH: ("The audience that the receiver is configured to accept.",),
    Cause.REVOKED: ("The issuer's audit log: when and why it withdrew the token, or the revocation list.",),
    Cause.BAD_CREDENTIALS: ("The Security log (4625, 4771, 4776) or the user store's own log of that second.",),
    Cause.UNSUPPORTED: ("The receiver's policy or list of accepted algorithms and token types.",),
    Cause.UNTRUSTED_ISSUER: ("The receiver's trust list and the issuer's current certificate; CAPI2 operational log of that second.",),
    Cause.REPLAY: ("The earlier message with the same nonce, ID or code.",),
    Cause.DELAYED_PROCESSING: ("Times of the same message at sender and receiver; queue lengths and load of that minute.",),
    Cause.ADDRESSING: ("The address the client uses and those the service listens on.",),
    Cause.OTHER: ("The receiver's own log of that second.",),
}
"""What would confirm each cause."""

STEPS: Final[Mapping[Cause, tuple[str, ...]]] = {
    Cause.EXPIRED: ("Get a new token; let the client renew it before its end.",),
    Cause.CLOCK_SKEW: ("Set the clocks of both machines by one time source: w32tm /query /status, w32tm /resync; chronyc tracking.",),
    Cause.MALFORMED: ("Decode what the client really sends and compare it with what was issued.",),
    Cause.SIGNATURE_MISMATCH: ("Compare the key that signs with the key that verifies (kid, thumbprint); look for a rollover.",),
    Cause.AUDIENCE_MISMATCH: ("Compare the token's audience with the receiver's, character by character.",),
    Cause.REVOKED: ("Sign in again; find out who withdrew the token and why.",),
    Cause.BAD_CREDENTIALS: ("Check the account: exists, not locked, not disabled, password not past its end; then the secret itself.",),
    Cause.UNSUPPORTED: ("Align algorithms and token types of both sides.",),
    Cause.UNTRUSTED_ISSUER: ("Compare the certificate in the token with the receiver's trust list; renew or install it.",),
    Cause.REPLAY: ("Find what sends the same token twice.",),
    Cause.DELAYED_PROCESSING: ("Find where the message waits: queue, throttling, database locks, cold start.",),
    Cause.ADDRESSING: ("Compare addresses and identifiers on both sides, character by character.",),
    Cause.OTHER: (),
}
"""What to do first about each cause."""


@dataclass(slots=True)
class _Tally:
    weight: float = 0
    explanation: str = ""
    supports: list[Evidence] = field(default_factory=list)
    contradicts: list[Evidence] = field(default_factory=list)
    would_confirm: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The weighed outcome of one incident."""

    hypotheses: tuple[Hypothesis, ...]
    next_steps: tuple[str, ...]
    facts: Mapping[str, str | float]


def _unique(items: Iterable[_T], limit: int) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))[:limit]


def confidence_of(weight: float) -> Confidence:
    """The word for a weight."""
    return Confidence.HIGH if weight >= _HIGH else Confidence.MEDIUM if weight >= _MEDIUM else Confidence.LOW


def weigh(suggestions: Sequence[Suggestion]) -> Verdict | None:
    """Ranked hypotheses; None where nothing suggests a cause."""
    tallies: dict[Cause, _Tally] = {}
    overruled: dict[Cause, float] = {}
    figured: dict[Cause, float] = {}
    for suggestion in suggestions:
        for cause in suggestion.overrules:
            overruled[cause] = min(overruled.get(cause, 100), suggestion.weight - 1)
        if suggestion.facts and suggestion.weight > 0:
            figured[suggestion.cause] = max(figured.get(suggestion.cause, 0), suggestion.weight)
    for suggestion in suggestions:
        tally = tallies.setdefault(suggestion.cause, _Tally())
        if suggestion.weight > tally.weight or (suggestion.explanation and not tally.explanation):
            tally.explanation = suggestion.explanation or tally.explanation
        tally.weight = max(tally.weight, suggestion.weight)
        tally.supports += suggestion.supports
        tally.contradicts += suggestion.contradicts
        tally.would_confirm += suggestion.would_confirm
    for cause, limit in overruled.items():
        named = max((s.weight for s in suggestions if s.cause is cause and not s.overrules and not s.facts), default=0)
        if cause in tallies and named < _EXPLICIT:
            tallies[cause].weight = min(tallies[cause].weight, limit, figured.get(cause, 30))
    for cause, tally in tallies.items():
        if cause in figured and any(s.overrules and s.cause is cause for s in suggestions):
            tally.weight = figured[cause]
            tally.explanation = next(s.explanation for s in suggestions if s.cause is cause and s.facts and s.weight == figured[cause])
    listed = sorted((cause for cause in tallies if tallies[cause].weight >= _LISTED), key=lambda cause: -tallies[cause].weight)[:_LIMIT]
    if not listed:
        return None
    hypotheses = tuple(
        Hypothesis(
            cause,
            confidence_of(tallies[cause].weight),
            tallies[cause].explanation,
            _unique(tallies[cause].supports, 12),
            _unique(tallies[cause].contradicts, 12),
            _unique([*tallies[cause].would_confirm, *ASK[cause]], 6),
        )
        for cause in listed
    )
    steps = [step for s in sorted(suggestions, key=lambda s: -s.weight) if s.cause in listed[:2] for step in s.next_steps]
    facts: dict[str, str | float] = {}
    for suggestion in sorted(suggestions, key=lambda s: -s.weight):
        for name, value in suggestion.facts.items():
            facts.setdefault(name, value)
    return Verdict(hypotheses, _unique([*steps, *STEPS[listed[0]]], 8), facts)

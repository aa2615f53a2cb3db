"""What the user supplies to judge tokens with, as a case keeps it, made into the session's options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from inspector.casefile import Supplied, SuppliedKind
from inspector.tokens.base import Trust
from inspector.tokens.supplied import SuppliedError, trust_of

LONGEST_SKEW = timedelta(days=1)
"""No service allows its clock to be further off."""


@dataclass(frozen=True, slots=True)
class JudgedWith:
    """Trust and rules out of what was supplied, and what of it could not be used."""

    trust: Trust
    rules: tuple[Path, ...]
    refused: tuple[tuple[Supplied, str], ...]
    """Each with the reason."""


def judged_with(supplied: Sequence[Supplied]) -> JudgedWith:
    """Read the files; one that cannot be used is named and left out, the others count."""
    usable: list[Supplied] = []
    refused: list[tuple[Supplied, str]] = []
    for one in supplied:
        try:
            _trust([one])
        except SuppliedError as error:
            refused.append((one, str(error)))
        else:
            usable.append(one)
    rules = tuple(Path(one.value) for one in usable if one.kind is SuppliedKind.RULES)
    return JudgedWith(_trust(usable), rules, tuple(refused))


def _trust(supplied: Sequence[Supplied]) -> Trust:
    def paths(kind: SuppliedKind) -> list[Path]:
        return [Path(one.value) for one in supplied if one.kind is kind]

    def values(kind: SuppliedKind) -> list[str]:
        return [one.value for one in supplied if one.kind is kind]

    return trust_of(
        trust=paths(SuppliedKind.TRUST),
        revoked=paths(SuppliedKind.REVOKED),
        secrets=paths(SuppliedKind.SECRET),
        passwords=paths(SuppliedKind.PASSWORDS),
        audiences=values(SuppliedKind.AUDIENCE),
        issuers=values(SuppliedKind.ISSUER),
        skew=next((_skew(each) for each in values(SuppliedKind.SKEW)), None),
    )


def _skew(text: str) -> timedelta:
    if not text.isdigit() or timedelta(seconds=int(text[:9])) > LONGEST_SKEW:
        msg = f"'{text[:40]}' is no clock skew; give whole seconds, at most a day"
        raise SuppliedError(msg)
    return timedelta(seconds=int(text[:9]))

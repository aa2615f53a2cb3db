"""Audience and issuer as a refusal prints them, got against expected: where they differ, said in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from inspector.diagnosis.base import Cause, Circumstances, EventText, Evidence, Incident, Suggestion
from inspector.diagnosis.contents import LONGEST, tokens_of
from inspector.tokens.base import Span

_VALUE = r"[^'\"<>\r\n]{1,300}?"
_PAIRS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        ("audience", rf"Audiences?: '(?P<got>{_VALUE})'\.? .{{0,40}}Did not match.{{0,80}}?ValidAudiences?: '(?P<expected>(?!null'){_VALUE})'"),
        ("audience", rf"jwt audience invalid\. expected: (?P<expected>{_VALUE})(?:[\s'\"]|$)"),
        ("audience", rf"Invalid audience\. Expected (?P<expected>{_VALUE}), received (?P<got>{_VALUE})(?:[\s'\"]|$)"),
        ("audience", r"(?:^|['\"\s])(?P<expected>[^'\"\s<>]{4,300}) is not a valid audience for this Response"),
        ("audience", rf"Expected aud claim to be: ?(?P<expected>{_VALUE}), but was:? ?(?P<got>{_VALUE})\.?(?:\s|$)"),
        ("audience", rf"unexpected \"aud\" claim.{{0,40}}expected '(?P<expected>{_VALUE})', got '(?P<got>{_VALUE})'"),
        ("issuer", rf"Issuer: '(?P<got>{_VALUE})'\.? .{{0,40}}Did not match.{{0,80}}?ValidIssuers?: '(?P<expected>(?!null'){_VALUE})'"),
        ("issuer", rf"Invalid issuer in the .{{1,40}}\(expected (?P<expected>{_VALUE}), got (?P<got>{_VALUE})\)"),
        ("issuer", rf"jwt issuer invalid\. expected: (?P<expected>{_VALUE})(?:[\s'\"]|$)"),
        ("issuer", rf"Expected iss claim to be: ?(?P<expected>{_VALUE}), but was:? ?(?P<got>{_VALUE})\.?(?:\s|$)"),
        ("destination", rf"response was received at (?P<got>{_VALUE}) instead of (?P<expected>{_VALUE})(?:[\s'\"]|$)"),
    )
)  # fmt: skip
_CAUSES: Final = {"audience": Cause.AUDIENCE_MISMATCH, "issuer": Cause.UNTRUSTED_ISSUER, "destination": Cause.ADDRESSING}


def difference(got: str, expected: str) -> str:
    """How two identifiers differ, in words; plain "differ" where nothing comes close."""
    if got == expected:
        return "are the same as printed: look for what cannot be seen, or for another receiver"
    if got.casefold() == expected.casefold():
        return "differ in upper and lower case only"
    if got.rstrip("/") == expected.rstrip("/"):
        return "differ in the trailing slash only"
    if got.strip() == expected.strip():
        return "differ in white space only"
    if got.removeprefix("api://") == expected.removeprefix("api://"):
        return "differ in the api:// form only: App ID URI against client ID"
    if got.strip().rstrip("/").casefold() == expected.strip().rstrip("/").casefold():
        return "differ only in the trailing slash together with upper and lower case or white space"
    left, right = _parts(got), _parts(expected)
    if left is None or right is None or not left.host or left.host != right.host:
        return "differ"
    if left.port != right.port:
        return f"name the same host with another port: {left.port or 'default'} against {right.port or 'default'}"
    if left.scheme != right.scheme and left.path == right.path:
        return f"differ in the scheme: {left.scheme} against {right.scheme}"
    return "name the same host with another path"


@dataclass(frozen=True, slots=True)
class _Parts:
    scheme: str
    host: str
    port: int | None
    path: str


def _parts(address: str) -> _Parts | None:
    """An address taken apart; None where it is none, such as one with a masked host."""
    try:
        split = urlsplit(address)
        return _Parts(split.scheme, split.hostname or "", split.port, split.path.rstrip("/"))
    except ValueError:
        return None


class NearMisses:
    """Explains printed audiences, issuers and addresses that do not match."""

    name = "near misses"

    def suggest(self, incident: Incident, circumstances: Circumstances) -> Sequence[Suggestion]:
        del circumstances
        found: list[Suggestion] = []
        for event in incident.events:
            for kind, pattern in _PAIRS:
                for match in pattern.finditer(event.message, 0, LONGEST):
                    expected = match["expected"].strip()
                    got = (match.groupdict().get("got") or self._of_token(event, kind)).strip()
                    if got:
                        found.append(self._explained(event, kind, got, expected, Span(match.start(), match.end())))
        return found

    def _of_token(self, event: EventText, kind: str) -> str:
        """What the token beside the refusal states, where the refusal prints the expected value only."""
        for token in tokens_of(event):
            if kind == "audience" and token.audience:
                return token.audience[0]
            if kind == "issuer" and token.issuer:
                return token.issuer
        return ""

    def _explained(self, event: EventText, kind: str, got: str, expected: str, span: Span) -> Suggestion:
        words = difference(got, expected)
        text = f"{kind} {got!r} in the token, {expected!r} expected: they {words}"
        evidence = Evidence(text, event.row, event.source, event.position, event.message[span.start : span.end], span)
        facts: dict[str, str | float] = {} if kind == "destination" else {kind: got, f"expected_{kind}": expected}
        return Suggestion(_CAUSES[kind], 96, text, supports=(evidence,), facts=facts)

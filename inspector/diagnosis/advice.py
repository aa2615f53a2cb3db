"""Best practice that was missing in what was seen, whether or not it caused a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from inspector.clock import in_words
from inspector.diagnosis.base import Advice, Circumstances, EventText, Evidence, Known
from inspector.diagnosis.contents import tokens_of
from inspector.payloads.soap import Envelope
from inspector.tokens.base import Outcome, Token

Seen = Sequence[tuple[EventText, Token]]

_LONG: Final = timedelta(hours=24)
_OLD_KEY: Final = timedelta(days=730)
_WEAK: Final = re.compile(r"(?:^none$|sha1|rsa-1_5|rsa1_5|md5|\bdes\b|tripledes|hmac-sha1)", re.IGNORECASE)
_PLAIN: Final = re.compile(r"PasswordText|Password(?![^>]{0,200}Digest)[^>]{0,200}>", re.IGNORECASE)
_FEW: Final = 5


def _cite(event: EventText, token: Token, text: str) -> Evidence:
    return Evidence(text, event.row, event.source, event.position, event.message[token.span.start : token.span.end][:200], token.span)


def _no_expiry(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    found = [(e, t) for e, t in seen if t.kind in {"jwt", "saml"} and (not t.windows or all(w.not_after is None for w in t.windows))]
    if found:
        yield Advice(
            "Give every token an end",
            "A token without expiry is good forever for whoever gets hold of it. Minutes to an hour for access tokens, with a refresh token for longer work.",
            tuple(_cite(e, t, t.title) for e, t in found[:_FEW]),
        )


def _long_life(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    found = [
        (event, token, window.not_after - window.not_before)
        for event, token in seen
        for window in token.windows
        if window.kind == "token"
        and window.not_before is not None
        and window.not_after is not None
        and window.not_after - window.not_before > _LONG
    ]
    if found:
        yield Advice(
            "Shorten the life of tokens",
            "A token that lives longer than a day is a password. Let the client renew short ones.",
            tuple(_cite(e, t, f"{t.title}: valid for {in_words(life)}") for e, t, life in found[:_FEW]),
        )


def _weak_algorithm(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    found = [(e, t) for e, t in seen if t.algorithm and _WEAK.search(t.algorithm)]
    if found:
        yield Advice(
            "Use strong algorithms",
            "none, MD5, SHA-1 and RSA 1.5 key transport are broken or near it: RS256, PS256 or ES256 for tokens, RSA-SHA256 and RSA-OAEP for XML.",
            tuple(_cite(e, t, f"{t.title}: {t.algorithm}") for e, t in found[:_FEW]),
        )


def _plain_password(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    found = []
    for event, token in seen:
        if token.kind != "username" or not _PLAIN.search(event.message[token.span.start : token.span.end]):
            continue
        addresses = [
            p.addressing.to
            for p in (event.contents.payloads if event.contents else ())
            if isinstance(p, Envelope) and p.addressing is not None
        ]
        if any(address.casefold().startswith(("http://", "soap.tcp://")) for address in addresses):
            found.append((event, token))
    if found:
        yield Advice(
            "Do not send passwords in clear over http",
            "The message carries a plain-text password to an address without TLS. Use https, or encrypt the token.",
            tuple(_cite(e, t, t.title) for e, t in found[:_FEW]),
        )


def _passwords_in_log(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    found = [
        (e, t)
        for e, t in seen
        if t.kind in {"jwt", "username", "opaque", "aws_key"} and any(field.secret and field.value for field in t.fields)
    ]
    if found:
        yield Advice(
            "Keep secrets out of logs",
            "The log holds whole tokens or passwords: who reads it can use them until they end. Mask them where they are logged, keep signing keys in a key store, and consider what was logged as known.",
            tuple(_cite(e, t, t.title) for e, t in found[:_FEW]),
        )


def _old_keys(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    sightings: dict[str, list[tuple[EventText, Token, datetime]]] = {}
    for event, token in seen:
        if token.kind == "x509" and event.time is not None and token.identity:
            sightings.setdefault(token.identity, []).append((event, token, event.time))
    for places in sightings.values():
        first, last = min(p[2] for p in places), max(p[2] for p in places)
        token = places[0][1]
        starts = [w.not_before for w in token.windows if w.not_before is not None]
        age = max(last - first, last - min(starts) if starts else timedelta(0))
        if age > _OLD_KEY:
            yield Advice(
                "Rotate signing keys",
                f"{token.title} has been in use for {in_words(age)}. Rotate keys on a schedule, publish the next one ahead of time, and let readers refresh metadata.",
                (_cite(places[0][0], token, token.title),),
            )
            return


def _unverified(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    trust = circumstances.trust
    if any(token.kind in {"jwt", "saml", "x509"} for _, token in seen) and not (trust.revoked or trust.crls):
        yield Advice(
            "Be able to revoke",
            "Nothing supplied shows whether a token seen here was withdrawn. Keep a list of withdrawn ids (jti) or short lives, and let users sign out everywhere.",
            (),
        )


def _repeated(seen: Seen, circumstances: Circumstances) -> Iterator[Advice]:
    del circumstances
    users: dict[str, list[tuple[EventText, Token]]] = {}
    for event, token in seen:
        failed = [check for check in token.checks if check.outcome is Outcome.FAILED]
        if failed and token.identity:
            users.setdefault(token.identity, []).append((event, token))
    many = [places for places in users.values() if len({event.row for event, _ in places}) > 2]
    if many:
        yield Advice(
            "Watch for tokens that are sent again and again",
            "The same faulty token was seen several times: a client that does not stop, or somebody trying. Count refusals by token and sender and raise an alarm.",
            tuple(_cite(e, t, t.title) for e, t in many[0][:_FEW]),
        )


PRACTICES: Final[tuple[Callable[[Seen, Circumstances], Iterator[Advice]], ...]] = (
    _no_expiry, _long_life, _weak_algorithm, _plain_password, _passwords_in_log, _old_keys, _repeated, _unverified,
)  # fmt: skip
"""Every practice that is looked for."""


def advise(seen: Sequence[EventText], circumstances: Circumstances) -> tuple[Advice, ...]:
    """What could be better, each practice at most once."""
    pairs = [(event, token) for event in seen for token in tokens_of(event)]
    return tuple(advice for practice in PRACTICES for advice in practice(pairs, circumstances))


class Practices:
    """What could be better, each practice at most once."""

    name = "advice"

    def review(self, known: Known) -> Sequence[Advice]:
        return advise(known.seen, known.circumstances)

"""WS-SecureConversation and WS-Trust: security contexts, derived keys, token references, and the lifetime that an issuer grants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from inspector.clock import in_words
from inspector.tokens.base import Check, Field, Outcome, Token, ValidityWindow
from inspector.tokens.reading.encodings import fingerprint
from inspector.tokens.reading.envelope import belongs_to
from inspector.tokens.reading.instants import read_date_time
from inspector.tokens.reading.key_info import key_fields
from inspector.tokens.reading.markup import Element, Markup


class SecureConversationKind:
    """Finds SecurityContextToken, DerivedKeyToken, free-standing SecurityTokenReference and the Lifetime of an issued token."""

    name = "ws_secure_conversation"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - stands in XML only
        """Tokens of these kinds in all documents, in order."""
        readers: dict[str, Callable[[Markup, Element], Token | None]] = {
            "SecurityContextToken": _context,
            "DerivedKeyToken": _derived_key,
            "SecurityTokenReference": _reference,
            "Lifetime": _lifetime,
        }
        found = (readers[element.local](markup, element) for markup in documents for element in markup.named(*readers))
        return tuple(token for token in found if token is not None)


def _context(markup: Markup, element: Element) -> Token:
    identifier = markup.value(element.child("Identifier"))
    fields = [Field("Identifier", identifier, span=markup.value_span(element.child("Identifier")))]
    keys = ((name, element.child(name)) for name in ("Instance", "KeyGeneration"))
    fields.extend(
        Field(name, markup.value(child), note="which of several keys of this context") for name, child in keys if child is not None
    )
    cookie = next((child for child in element.children if child.local == "Cookie"), None)
    if cookie is not None:
        fields.append(
            Field("Cookie", markup.value(cookie), secret=True, note="the context itself, encrypted by the service (stateful context token)")
        )
    return Token(
        "security_context",
        f"SecurityContextToken {identifier}".rstrip(),
        markup.span(element),
        tuple(fields),
        checks=(Check("lifetime", Outcome.NOT_POSSIBLE, "a context token names a session; only the service knows until when it holds"),),
        identity=identifier or element.get("Id"),
        problems=() if element.closed else ("the text ends, or is cut, inside the token",),
        material=markup.text,
        element=element.start,
    )


def _derived_key(markup: Markup, element: Element) -> Token:
    fields = key_fields(markup, element)
    for name in ("Offset", "Length", "Generation", "Label"):
        if (child := element.child(name)) is not None:
            fields.append(Field(name, markup.value(child)))
    nonce = element.child("Nonce")
    if nonce is not None:
        fields.append(Field("Nonce", markup.value(nonce), secret=True, span=markup.value_span(nonce)))
    source = next((field.note or field.value for field in fields if field.name.startswith("Key")), "")
    algorithm = element.get("Algorithm").rpartition("/")[2]
    return Token(
        "derived_key",
        f"DerivedKeyToken{f' of {source}' if source else ''}",
        markup.span(element),
        tuple(fields),
        algorithm=algorithm,
        identity=element.get("Id") or f"nonce {fingerprint(markup.value(nonce))[:32]}",
        problems=() if element.closed else ("the text ends, or is cut, inside the token",),
        material=markup.text,
        element=element.start,
    )


def _reference(markup: Markup, element: Element) -> Token | None:
    """References that belong to a signature, an encryption or a derived key are shown there."""
    if any(above.local in {"KeyInfo", "DerivedKeyToken"} for above in element.ancestors()):
        return None
    fields = key_fields(markup, element)
    missing = next((field for field in fields if field.note == "points to nothing in this message"), None)
    check = (
        Check("reference", Outcome.FAILED, f"{missing.value} points to nothing in this message", "malformed")
        if missing is not None and not markup.cut
        else Check("reference", Outcome.PASSED, "names its token")
        if fields
        else Check("reference", Outcome.NOT_POSSIBLE, "names no token in a form known here")
    )
    value = fields[0].value if fields else ""
    return Token(
        "reference",
        f"SecurityTokenReference{f' to {value[:80]}' if value else ''}",
        markup.span(element),
        tuple(fields),
        checks=(check,),
        identity=value or element.get("Id"),
        material=markup.text,
        element=element.start,
    )


def _lifetime(markup: Markup, element: Element) -> Token | None:
    """WS-Trust 1.3 section 4.4.1: what was asked for in a request, what was granted in a response."""
    times = {name: read_date_time(markup.value(child)) for name in ("Created", "Expires") if (child := element.child(name)) is not None}
    if not times:
        return None
    holder = element.parent.local if element.parent is not None else ""
    granted = "Response" in holder
    fields = [
        Field(name, markup.value(element.child(name)), span=markup.value_span(element.child(name)), note=time.problem)
        for name, time in times.items()
    ]
    created, expires = (times[name].time if name in times else None for name in ("Created", "Expires"))
    faulty = [f"{name} {time.problem}" for name, time in times.items() if time.time is None]
    if faulty:
        check = Check("format", Outcome.FAILED, "; ".join(faulty), "malformed")
    elif created is not None and expires is not None:
        check = (
            Check("lifetime", Outcome.PASSED, f"{in_words(expires - created)} {'granted' if granted else 'asked for'}")
            if expires > created
            else Check("lifetime", Outcome.FAILED, "Expires is not after Created", "malformed")
        )
    else:
        check = Check("lifetime", Outcome.NOT_POSSIBLE, "one bound only")
    label = "lifetime granted (WS-Trust)" if granted else "lifetime asked for (WS-Trust)"
    window = ValidityWindow(
        label,
        created,
        expires,
        "Created" if created else "",
        "Expires" if expires else "",
        "token",
        belongs_to(markup, element),
        markup.value_span(element.child("Created")),
        markup.value_span(element.child("Expires")),
    )
    return Token(
        "security_context" if any("SecurityContextToken" in found.local for found in _siblings(element)) else "reference",
        f"Lifetime {'granted' if granted else 'asked for'} by WS-Trust",
        markup.span(element),
        tuple(fields),
        (window,) if granted and (created or expires) else (),
        (check,),
        material=markup.text,
        element=element.start,
    )


def _siblings(element: Element) -> Sequence[Element]:
    return tuple(islice(element.parent.walk(), 200)) if element.parent is not None else ()


KIND: Final = SecureConversationKind()

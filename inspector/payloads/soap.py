"""SOAP envelopes and faults: versions, addressing, security header, body, fault with its codes, reasons and detail."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from inspector.payloads.artefacts import artefact_notes
from inspector.payloads.base import Payload
from inspector.payloads.namespaces import ADDRESSING_VERSIONS, CONVERSATION_VERSIONS, SECURITY_VERSIONS, SOAP_VERSIONS, TRUST_VERSIONS
from inspector.payloads.secret_places import secret_places
from inspector.tokens.base import Span
from inspector.xmltext import CUSTOMARY, XmlText, local_name, namespace, pretty_offsets, pretty_print

_SHORT: Final = {
    "RequestSecurityToken": "RST",
    "RequestSecurityTokenResponse": "RSTR",
    "RequestSecurityTokenResponseCollection": "RSTRC",
    "RequestSecurityTokenCollection": "RSTC",
}
_SAML: Final = re.compile(r"urn:oasis:names:tc:SAML:(\d\.\d):(assertion|protocol)")
MAX_DETAIL: Final = 20_000
"""Characters kept of a fault's detail; the payload's ``pretty`` has all of it."""


@dataclass(frozen=True, slots=True)
class QualifiedName:
    """A QName as written, its prefix resolved where it is declared."""

    prefix: str
    local: str
    namespace: str = ""
    """Empty where the prefix is not declared and has no customary meaning."""
    span: Span | None = None

    def __str__(self) -> str:
        """As written: ``code:FailedAuthentication``."""
        return f"{self.prefix}:{self.local}" if self.prefix else self.local


@dataclass(frozen=True, slots=True)
class Reason:
    """A fault's text in one language."""

    text: str
    language: str = ""
    """``xml:lang`` as written; SOAP 1.1 has none."""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A SOAP fault, 1.1 (faultcode, faultstring, faultactor, detail) or 1.2 (Code, Reason, Node, Role, Detail)."""

    code: QualifiedName | None = None
    """SOAP 1.1: the only code; 1.2: Sender, Receiver and the like."""
    subcodes: tuple[QualifiedName, ...] = ()
    """SOAP 1.2, outermost first."""
    reasons: tuple[Reason, ...] = ()
    actor: str = ""
    """SOAP 1.1 faultactor."""
    node: str = ""
    role: str = ""
    detail_text: str = ""
    """Text inside the detail, elements left out."""
    detail_xml: str = ""
    """The detail's content as written, at most MAX_DETAIL characters."""
    span: Span | None = None

    @property
    def decisive(self) -> QualifiedName | None:
        """The code that says most: the innermost subcode, else the code (in SOAP 1.2 the security code is a subcode)."""
        return self.subcodes[-1] if self.subcodes else self.code

    @property
    def reason(self) -> str:
        """The first English text, else the first one."""
        for reason in self.reasons:
            if reason.language.lower().startswith("en"):
                return reason.text
        return self.reasons[0].text if self.reasons else ""


@dataclass(frozen=True, slots=True)
class Addressing:
    """The WS-Addressing headers of a message."""

    version: str
    namespace: str
    action: str = ""
    message_id: str = ""
    relates_to: tuple[str, ...] = ()
    """Every RelatesTo: the message ids this message answers."""
    to: str = ""
    reply_to: str = ""
    from_: str = ""
    fault_to: str = ""


@dataclass(frozen=True, slots=True)
class Security:
    """The WS-Security header, as far as the envelope view needs it; the tokens inside are read by the token kinds."""

    version: str
    namespace: str
    must_understand: bool = False
    created: str = ""
    """wsu:Created of the Timestamp, as written."""
    expires: str = ""
    created_span: Span | None = None
    expires_span: Span | None = None
    parts: tuple[str, ...] = ()
    """Local names of the header's children, in order."""


@dataclass(frozen=True, slots=True)
class Envelope(Payload):
    """A SOAP message, or the fault that is left of one."""

    version: str = ""
    """``SOAP 1.1``, ``SOAP 1.2``, ``WCF message without SOAP``; empty where the namespace is unknown or missing."""
    namespace: str = ""
    addressing: Addressing | None = None
    security: Security | None = None
    fault: Fault | None = None
    body: tuple[QualifiedName, ...] = ()
    """The elements directly inside the Body."""
    body_kind: str = ""
    """``fault``, ``RST Issue (WS-Trust 1.3)``, ``RSTR``, ``SAML 2.0 Response``, ``encrypted``, ``empty``; else the first element's local name."""
    fragment: bool = False
    """True where only a fault or a part of a fault was there, without an Envelope."""
    escapes: int = 0
    well_formed: bool = True

    @property
    def is_fault(self) -> bool:
        """Whether the message says that something was refused or failed."""
        return self.fault is not None


# -- reading elements --------------------------------------------------------------------------------------------------


def _children(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        tag: object = child.tag
        if isinstance(tag, str):
            yield child


def _child(element: etree._Element, *names: str) -> etree._Element | None:
    for child in _children(element):
        if local_name(child) in names:
            return child
    return None


def _text(element: etree._Element | None) -> str:
    return "" if element is None else "".join(map(str, element.itertext())).strip()


def _span(document: XmlText, element: etree._Element) -> Span | None:
    found = document.value_source(element)
    return None if found is None else Span(*found)


def _qualified(element: etree._Element, text: str, span: Span | None) -> QualifiedName:
    """Resolve a QName in element content (SOAP 1.2 part 1 section 5.4.6; XML Schema part 2 section 3.2.18)."""
    prefix, colon, local = text.partition(":")
    if not colon:
        return QualifiedName("", text, element.nsmap.get(None) or "", span)
    return QualifiedName(prefix, local, element.nsmap.get(prefix) or CUSTOMARY.get(prefix, ""), span)


def _code(document: XmlText, element: etree._Element) -> QualifiedName | None:
    text = _text(element)
    return _qualified(element, text, _span(document, element)) if text else None


# -- faults ------------------------------------------------------------------------------------------------------------


def _codes(document: XmlText, code: etree._Element) -> Iterator[QualifiedName]:
    """Code or Subcode of SOAP 1.2 and everything nested in it, outermost first."""
    current: etree._Element | None = code
    for _depth in range(64):
        if current is None:
            return
        value = _child(current, "Value")
        if value is not None and (name := _code(document, value)) is not None:
            yield name
        current = _child(current, "Subcode")


def _reasons(document: XmlText, element: etree._Element) -> Iterator[Reason]:
    texts = [child for child in _children(element) if local_name(child) == "Text"]
    for text in texts or [element]:
        words = _text(text)
        if words:
            yield Reason(words, text.get("{http://www.w3.org/XML/1998/namespace}lang", ""), _span(document, text))


def _fault(document: XmlText, element: etree._Element) -> Fault:
    """Read a fault of either shape from the element that holds its parts, whatever its namespace."""
    parts: dict[str, etree._Element] = {}
    for child in _children(element):
        parts.setdefault(local_name(child), child)
    codes: tuple[QualifiedName, ...] = ()
    if "faultcode" in parts:
        code = _code(document, parts["faultcode"])
        codes = (code,) if code else ()
    elif "Code" in parts:
        codes = tuple(_codes(document, parts["Code"]))
    reason = parts.get("faultstring", parts.get("Reason"))
    detail = parts.get("detail", parts.get("Detail"))
    detail_xml = ""
    if detail is not None and (content := document.content_span(detail)) is not None:
        detail_xml = document.text[content[0] : min(content[1], content[0] + MAX_DETAIL)].strip()
    whole = document.element_span(element)
    return Fault(
        code=codes[0] if codes else None,
        subcodes=codes[1:],
        reasons=tuple(_reasons(document, reason)) if reason is not None else (),
        actor=_text(parts.get("faultactor")),
        node=_text(parts.get("Node")),
        role=_text(parts.get("Role")),
        detail_text=" ".join(_text(detail).split())[:MAX_DETAIL],
        detail_xml=detail_xml,
        span=Span(*document.source_span(*whole)) if whole else None,
    )


_FAULT_PARTS: Final = frozenset({"faultcode", "faultstring"})


def _is_fault(element: etree._Element) -> bool:
    """Whether an element called Fault is one of SOAP: by its namespace, or by its parts where it has none."""
    if local_name(element) != "Fault":
        return False
    if namespace(element) in SOAP_VERSIONS:
        return True
    names = {local_name(child) for child in _children(element)}
    return bool(names & _FAULT_PARTS) or {"Code", "Reason"} <= names


# -- headers -----------------------------------------------------------------------------------------------------------


def _address(element: etree._Element | None) -> str:
    if element is None:
        return ""
    address = _child(element, "Address")
    return _text(element if address is None else address)


def _addressing(header: etree._Element) -> Addressing | None:
    found: dict[str, etree._Element] = {}
    relates: list[str] = []
    uri = ""
    for child in _children(header):
        if namespace(child) in ADDRESSING_VERSIONS:
            uri = uri or namespace(child)
            name = local_name(child)
            if name == "RelatesTo":
                relates.append(_text(child))
            else:
                found.setdefault(name, child)
    if not uri:
        return None
    return Addressing(
        version=ADDRESSING_VERSIONS[uri],
        namespace=uri,
        action=_text(found.get("Action")),
        message_id=_text(found.get("MessageID")),
        relates_to=tuple(relates),
        to=_address(found.get("To")),
        reply_to=_address(found.get("ReplyTo")),
        from_=_address(found.get("From")),
        fault_to=_address(found.get("FaultTo")),
    )


def _security(document: XmlText, header: etree._Element) -> Security | None:
    for child in _children(header):
        if local_name(child) != "Security":
            continue
        timestamp = _child(child, "Timestamp")
        created = _child(timestamp, "Created") if timestamp is not None else None
        expires = _child(timestamp, "Expires") if timestamp is not None else None
        return Security(
            version=SECURITY_VERSIONS.get(namespace(child), ""),
            namespace=namespace(child),
            must_understand=any(str(name).endswith("}mustUnderstand") and value in {"1", "true"} for name, value in child.attrib.items()),
            created=_text(created),
            expires=_text(expires),
            created_span=_span(document, created) if created is not None else None,
            expires_span=_span(document, expires) if expires is not None else None,
            parts=tuple(local_name(part) for part in _children(child)),
        )
    return None


# -- body --------------------------------------------------------------------------------------------------------------


def _body_kind(body: etree._Element, fault: Fault | None) -> str:
    if fault is not None:
        return "fault"
    first = next(_children(body), None)
    if first is None:
        return "stream, not logged" if "stream" in _text(body) else "empty"
    name, uri = local_name(first), namespace(first)
    version = TRUST_VERSIONS.get(uri, "")
    if name in _SHORT and (version or "trust" in uri or not uri):
        request = _text(_child(first, "RequestType")).rpartition("/")[2]
        context = next(
            (CONVERSATION_VERSIONS[known] for known in CONVERSATION_VERSIONS if _text(_child(first, "TokenType")).startswith(known)), ""
        )
        notes = ", ".join(filter(None, (version, context)))
        return " ".join(filter(None, (_SHORT[name], request, f"({notes})" if notes else "")))
    if name == "EncryptedData":
        return "encrypted"
    saml = _SAML.fullmatch(uri)
    if saml:
        # the protocol namespace of SAML 1.1 still says 1.0
        return f"SAML {'1.1' if saml.group(1) == '1.0' else saml.group(1)} {name}"
    return name


# -- finding -----------------------------------------------------------------------------------------------------------

_ENVELOPES: Final = tuple(f"{{{uri}}}Envelope" for uri in SOAP_VERSIONS)
_FAULTS: Final = tuple(f"{{{uri}}}Fault" for uri in SOAP_VERSIONS)
_HINT: Final = re.compile(r"Envelope|Fault|faultstring|faultcode")


def _messages(root: etree._Element) -> Iterable[etree._Element]:
    """The outermost envelopes and faults of a document."""
    if local_name(root) == "Envelope":
        known = namespace(root) in SOAP_VERSIONS or "soap" in namespace(root).lower()
        if known or _child(root, "Body", "Header") is not None or (not namespace(root) and len(root) == 0):
            return [root]
    if _is_fault(root) or local_name(root) in _FAULT_PARTS:
        return [root]
    envelopes = [found for found in root.iter(*_ENVELOPES) if not any(above.tag in _ENVELOPES for above in found.iterancestors())]
    if envelopes:
        return envelopes
    faults = [found for found in root.iter(*_FAULTS) if not any(above.tag in _FAULTS for above in found.iterancestors())]
    if faults:
        return faults
    return [found for found in root.iter("Fault") if _is_fault(found)] or ([root] if _child(root, *_FAULT_PARTS) is not None else [])


def _title(fault: Fault | None, addressing: Addressing | None, version: str, body_kind: str) -> str:
    subject = version or "SOAP"
    if fault is not None:
        code = fault.decisive
        reason = fault.reason.split("\n", 1)[0].strip()
        reason = reason if len(reason) <= 160 else reason[:159].rstrip() + "…"
        return f"{subject} fault" + (f" {code}" if code else "") + (f": {reason}" if reason else "")
    if addressing is not None and addressing.action:
        return f"{subject} message {addressing.action.rstrip('/').rpartition('/')[2] or addressing.action}"
    return f"{subject} message" + (f" {body_kind}" if body_kind else "")


def _envelope(document: XmlText, element: etree._Element) -> Envelope:
    whole = document.element_span(element)
    is_root = element is document.root
    start, end = (0, len(document.text)) if is_root or whole is None else whole
    xml = document.text[start:end]
    pretty = pretty_print(xml)
    header = body = None
    fault: Fault | None = None
    fragment = local_name(element) != "Envelope"
    if fragment:
        holder = element
        if local_name(element) in _FAULT_PARTS:
            parent = element.getparent()
            fault = _fault_of_part(document, element) if parent is None else _fault(document, parent)
        else:
            fault = _fault(document, holder)
    else:
        header, body = _child(element, "Header"), _child(element, "Body")
        for child in _children(body if body is not None else element):
            if _is_fault(child):
                fault = _fault(document, child)
                break
    addressing = _addressing(header) if header is not None else None
    version = SOAP_VERSIONS.get(namespace(element), "")
    body_kind = _body_kind(body, fault) if body is not None else ("fault" if fault else "")
    break_at = None
    if document.break_at is not None and start <= document.break_at <= end:
        break_at = pretty_offsets(xml, pretty, [document.break_at - start])[0]
    return Envelope(
        kind="soap",
        title=_title(fault, addressing, version, body_kind),
        span=Span(*document.source_span(start, end)),
        pretty=pretty,
        problems=(*document.problems, *artefact_notes(xml)),
        secrets=tuple(Span(*place) for place in secret_places(pretty)),
        break_at=break_at,
        version=version,
        namespace=namespace(element),
        addressing=addressing,
        security=_security(document, header) if header is not None else None,
        fault=fault,
        body=tuple(QualifiedName(child.prefix or "", local_name(child), namespace(child)) for child in _children(body))
        if body is not None
        else (),
        body_kind=body_kind,
        fragment=fragment,
        escapes=document.escapes,
        well_formed=document.well_formed,
    )


def _fault_of_part(document: XmlText, element: etree._Element) -> Fault:
    """What is left of a fault when only its faultcode or faultstring was logged."""
    if local_name(element) == "faultcode":
        return Fault(code=_code(document, element))
    return Fault(reasons=tuple(_reasons(document, element)))


class Soap:
    """Finds SOAP envelopes, and faults without one."""

    name = "soap"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """Every envelope and every lone fault among the documents."""
        del text, claimed
        found: list[Payload] = []
        for document in documents:
            if document.root is not None and _HINT.search(document.text):
                found.extend(_envelope(document, element) for element in _messages(document.root))
        return tuple(found)

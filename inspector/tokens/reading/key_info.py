"""Which key a signature or encryption names: KeyInfo and SecurityTokenReference in every form (XML Signature 4.5, WS-Security 7)."""

from __future__ import annotations

from typing import Final

from inspector.tokens.base import Field, Token
from inspector.tokens.reading.certificates import certificate_token, load_certificate
from inspector.tokens.reading.encodings import decode_base64
from inspector.tokens.reading.markup import Element, Markup

_MAX_CERTIFICATES: Final = 20
_MAX_INSIDE: Final = 200
"""Elements of one KeyInfo that are looked at."""


def key_fields(markup: Markup, key_info: Element | None) -> list[Field]:
    """What a KeyInfo says about the key, one field a statement."""
    if key_info is None:
        return []
    fields: list[Field] = []
    for element in key_info.walk(_MAX_INSIDE):
        value = markup.value(element)
        span = markup.value_span(element)
        match element.local:
            case "KeyName":
                fields.append(Field("Key name", value, span=span))
            case "X509SubjectName":
                fields.append(Field("Key's subject", value, span=span))
            case "X509IssuerName":
                fields.append(Field("Key's issuer", value, span=span))
            case "X509SerialNumber":
                fields.append(Field("Key's serial number", value, span=span, note=_hexadecimal(value)))
            case "X509SKI":
                fields.append(Field("Key's subject key identifier", _hex(value), span=span))
            case "KeyIdentifier":
                form = element.get("ValueType").rpartition("#")[2] or "key identifier"
                fields.append(Field(f"Key identifier ({form})", _identifier(form, value), span=span))
            case "Reference" if element.parent is not None and element.parent.local == "SecurityTokenReference":
                fields.append(Field("Key reference", element.get("URI"), note=_target(markup, element.get("URI"))))
            case "Embedded":
                fields.append(Field("Key reference", "embedded token"))
            case "RSAKeyValue" | "DSAKeyValue" | "ECKeyValue":
                fields.append(
                    Field(
                        "Key value",
                        f"{element.local.removesuffix('KeyValue')} key in the message itself",
                        note="a key that anybody can put there",
                    )
                )
            case "EncryptedKey":
                fields.append(Field("Key", "encrypted for the receiver"))
    return fields


def key_certificates(markup: Markup, key_info: Element | None) -> tuple[Token, ...]:
    """Certificates that stand in a KeyInfo, or in the BinarySecurityToken that it points to, the signer's first as a rule."""
    if key_info is None:
        return ()
    found: list[Token] = []
    for element in key_info.walk(_MAX_INSIDE):
        source = element
        if element.local == "Reference" and element.parent is not None and element.parent.local == "SecurityTokenReference":
            target = element_by_id(markup, element.get("URI").removeprefix("#"))
            if target is None or target.local != "BinarySecurityToken":
                continue
            source = target
        elif element.local != "X509Certificate":
            continue
        data, _ = decode_base64(markup.value(source))
        certificate = load_certificate(data) if data else None
        if certificate is not None:
            found.append(certificate_token(certificate, markup.value_span(source) or markup.span(source)))
        if len(found) >= _MAX_CERTIFICATES:
            break
    return tuple(found)


def element_by_id(markup: Markup, identifier: str) -> Element | None:
    """The first element with this id (``wsu:Id``, ``ID``, ``Id``, ``AssertionID``, ``xml:id``)."""
    return next(iter(elements_by_id(markup, identifier)), None)


def elements_by_id(markup: Markup, identifier: str) -> list[Element]:
    """Every element with this id; more than one is an attack or a defect."""
    return markup.by_id.get(identifier, []) if identifier else []


def _target(markup: Markup, uri: str) -> str:
    if not uri.startswith("#"):
        return "outside this message" if uri else ""
    target = element_by_id(markup, uri[1:])
    return f"the {target.local} of this message" if target is not None else "points to nothing in this message"


def _hex(value: str) -> str:
    data, _ = decode_base64(value)
    return data.hex().upper() if data else value


def _hexadecimal(value: str) -> str:
    return f"hex {int(value):x}" if value.isdecimal() and len(value) <= 60 else ""


def _identifier(form: str, value: str) -> str:
    if form.startswith(("ThumbprintSHA1", "X509SubjectKeyIdentifier", "EncryptedKeySHA1", "Kerberosv5APREQSHA1")):
        return _hex(value)
    return value

"""XML encryption: which parts are encrypted, how, and for whose key; the content itself stays closed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inspector.tokens.base import Check, Field, Outcome, Token
from inspector.tokens.reading.algorithms import algorithm_name, weakness
from inspector.tokens.reading.encodings import fingerprint
from inspector.tokens.reading.key_info import key_certificates, key_fields
from inspector.tokens.reading.markup import Element, Markup


class XmlEncryptionKind:
    """Finds ``xenc:EncryptedData`` and ``xenc:EncryptedKey``."""

    name = "xml_encryption"

    def find(self, text: str, documents: Sequence[Markup]) -> tuple[Token, ...]:  # noqa: ARG002 - stands in XML only
        """Encrypted parts of all documents, in order; a key inside encrypted data belongs to it."""
        return tuple(
            _read(markup, element)
            for markup in documents
            for element in markup.named("EncryptedData", "EncryptedKey")
            if element.local == "EncryptedData" or not any(above.local == "EncryptedData" for above in element.ancestors())
        )


def _read(markup: Markup, element: Element) -> Token:
    method = element.child("EncryptionMethod")
    algorithm = method.get("Algorithm") if method is not None else ""
    key_info = element.child("KeyInfo")
    key = next((found for found in key_info.walk() if found.local == "EncryptedKey"), None) if key_info is not None else None
    key_method = key.child("EncryptionMethod") if key is not None else None
    fields = [Field("Encryption algorithm", algorithm_name(algorithm))]
    if key_method is not None:
        fields.append(Field("Key encryption", algorithm_name(key_method.get("Algorithm"))))
    if form := element.get("Type"):
        fields.append(
            Field(
                "Encrypted", "an element" if form.endswith("Element") else "the content of an element" if form.endswith("Content") else form
            )
        )
    if element.parent is not None:
        fields.append(Field("Stands in", element.parent.local))
    fields.extend(key_fields(markup, key_info))
    fields.extend(Field("Encrypts", part.get("URI")) for part in element.descendants("DataReference"))
    values = [found for found in element.walk() if found.local == "CipherValue"]
    fields.extend(Field("Cipher value", markup.value(value), secret=True, span=markup.value_span(value)) for value in values)
    weak = weakness(algorithm) or (weakness(key_method.get("Algorithm")) if key_method is not None else "")
    if not algorithm:
        check = Check("algorithm", Outcome.NOT_POSSIBLE, "no algorithm is stated: both sides must agree on one")
    elif weak:
        check = Check("algorithm", Outcome.FAILED, f"{weak}: weak, current stacks may refuse it")
    else:
        check = Check("algorithm", Outcome.PASSED, algorithm_name(algorithm))
    what = "key" if element.local == "EncryptedKey" else _what(element)
    return Token(
        "encryption",
        f"Encrypted {what} ({algorithm_name(algorithm) or 'no algorithm stated'})",
        markup.span(element),
        tuple(fields),
        checks=(check, Check("lifetime", Outcome.NOT_POSSIBLE, "the content is encrypted: only the holder of the key can read it")),
        algorithm=algorithm_name(algorithm),
        identity=f"sha256 {fingerprint(''.join(markup.value(value) for value in values))[:32]}",
        problems=() if element.closed else ("the text ends, or is cut, inside the encrypted part",),
        inner=key_certificates(markup, key_info),
        material=markup.text,
        element=element.start,
    )


def _what(element: Element) -> str:
    holder = element.parent.local if element.parent is not None else ""
    return {
        "EncryptedAssertion": "SAML assertion",
        "EncryptedID": "SAML name identifier",
        "EncryptedAttribute": "SAML attribute",
        "Body": "SOAP body",
        "RequestedSecurityToken": "security token",
        "Security": "part of the security header",
    }.get(holder, "part")


KIND: Final = XmlEncryptionKind()

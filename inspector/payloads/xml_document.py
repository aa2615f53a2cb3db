"""XML that is no SOAP message: laid out, named, with what was done to it."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from inspector.payloads.artefacts import artefact_notes
from inspector.payloads.base import Payload
from inspector.payloads.namespaces import ADDRESSING_VERSIONS, SECURITY_VERSIONS, SOAP_VERSIONS, TRUST_VERSIONS
from inspector.payloads.secret_places import secret_places
from inspector.tokens.base import Span
from inspector.xmltext import XmlText, local_name, namespace, pretty_offsets, pretty_print


@dataclass(frozen=True, slots=True)
class XmlDocument(Payload):
    """A piece of XML that is no SOAP message."""

    root: str = ""
    """Local name of the root element; empty where nothing could be read."""
    namespace: str = ""
    code: str = ""
    """Text of the ``Code`` element of an error document (AWS and its relatives); empty otherwise."""
    escapes: int = 0
    well_formed: bool = True


_VOCABULARIES: Final[dict[str, str]] = {
    "urn:oasis:names:tc:SAML:2.0:assertion": "SAML 2.0",
    "urn:oasis:names:tc:SAML:2.0:protocol": "SAML 2.0",
    "urn:oasis:names:tc:SAML:2.0:metadata": "SAML 2.0 metadata",
    "urn:oasis:names:tc:SAML:1.0:assertion": "SAML 1.1",
    "urn:oasis:names:tc:SAML:1.0:protocol": "SAML 1.1",
    "http://www.w3.org/2000/09/xmldsig#": "XML Signature",
    "http://www.w3.org/2001/04/xmlenc#": "XML Encryption",
    "http://schemas.microsoft.com/win/2004/08/events/event": "Windows",
    "http://schemas.microsoft.com/2004/06/E2ETraceEvent": "WCF trace",
    "http://schemas.microsoft.com/2004/10/E2ETraceEvent/TraceRecord": "WCF trace",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd": "WS-Security",
    **SECURITY_VERSIONS,
    **TRUST_VERSIONS,
    **ADDRESSING_VERSIONS,
    **SOAP_VERSIONS,
}


def _xml_title(root: etree._Element | None) -> str:
    if root is None:
        return "XML that cannot be read"
    return " ".join(filter(None, (_VOCABULARIES.get(namespace(root), "XML"), local_name(root), _xml_code(root))))


def _xml_code(root: etree._Element) -> str:
    """The code of ``<Error><Code>...`` and ``<ErrorResponse><Error><Code>...``."""
    if local_name(root).lower() not in {"error", "errorresponse", "response", "errors"}:
        return ""
    for child in itertools.islice(root.iter(), 20):
        if local_name(child).lower() == "code" and child.text:
            return child.text.strip()[:80]
    return ""


class Xml:
    """Finds XML that no other kind claims."""

    name = "xml"

    def find(self, text: str, documents: Sequence[XmlText], claimed: Collection[Span]) -> tuple[Payload, ...]:
        """One payload for each document that is not claimed as a whole."""
        del text
        found: list[Payload] = []
        for document in documents:
            span = Span(document.start, document.end)
            if span in claimed:
                continue
            pretty = pretty_print(document.text)
            found.append(
                XmlDocument(
                    kind="xml",
                    title=_xml_title(document.root),
                    span=span,
                    pretty=pretty,
                    problems=(*document.problems, *artefact_notes(document.text)),
                    secrets=tuple(Span(*place) for place in secret_places(pretty)),
                    break_at=None if document.break_at is None else pretty_offsets(document.text, pretty, [document.break_at])[0],
                    root="" if document.root is None else local_name(document.root),
                    namespace="" if document.root is None else namespace(document.root),
                    code="" if document.root is None else _xml_code(document.root),
                    escapes=document.escapes,
                    well_formed=document.well_formed,
                )
            )
        return tuple(found)

"""Names that people know for the algorithm identifiers of XML Signature and XML Encryption, and which of them are weak."""

from __future__ import annotations

from typing import Final

_PREFIXES: Final = (
    "http://www.w3.org/2000/09/xmldsig#",
    "http://www.w3.org/2001/04/xmldsig-more#",
    "http://www.w3.org/2007/05/xmldsig-more#",
    "http://www.w3.org/2021/04/xmldsig-more#",
    "http://www.w3.org/2001/04/xmlenc#",
    "http://www.w3.org/2009/xmlenc11#",
    "http://www.w3.org/2009/xmldsig11#",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#",
    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#",
)
_NAMES: Final = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": "C14N",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": "C14N with comments",
    "http://www.w3.org/2001/10/xml-exc-c14n#": "exclusive C14N",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": "exclusive C14N with comments",
    "http://www.w3.org/2006/12/xml-c14n11": "C14N 1.1",
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature": "enveloped signature",
    "http://www.w3.org/TR/1999/REC-xslt-19991116": "XSLT",
    "http://www.w3.org/TR/1999/REC-xpath-19991116": "XPath",
    "http://www.w3.org/2002/06/xmldsig-filter2": "XPath filter 2",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform": "STR transform",
}
_WEAK: Final = {
    "rsa-sha1": "SHA-1",
    "dsa-sha1": "DSA with SHA-1",
    "rsa-md5": "MD5",
    "hmac-md5": "MD5",
    "md5": "MD5",
    "sha1": "SHA-1",
    "ecdsa-sha1": "SHA-1",
    "tripledes-cbc": "Triple DES",
    "rsa-1_5": "RSA PKCS#1 v1.5 key transport",
    "hmac-sha1": "SHA-1",
}


def algorithm_name(identifier: str) -> str:
    """``rsa-sha256`` for its long identifier; the identifier itself where it is not known."""
    known = _NAMES.get(identifier)
    if known is not None:
        return known
    for prefix in _PREFIXES:
        if identifier.startswith(prefix):
            return identifier[len(prefix) :]
    return identifier


def weakness(identifier: str) -> str:
    """Why current stacks may refuse the algorithm; empty where they do not."""
    return _WEAK.get(algorithm_name(identifier), "")

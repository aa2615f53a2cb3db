"""Namespaces of SOAP, WS-Addressing, WS-Security, WS-Trust and WS-SecureConversation, with the version that each stands for."""

from __future__ import annotations

from typing import Final

SOAP_VERSIONS: Final[dict[str, str]] = {
    "http://schemas.xmlsoap.org/soap/envelope/": "SOAP 1.1",
    "http://www.w3.org/2003/05/soap-envelope": "SOAP 1.2",
    "http://www.w3.org/2002/12/soap-envelope": "SOAP 1.2 (draft of 2002)",
    "http://www.w3.org/2002/06/soap-envelope": "SOAP 1.2 (draft of 2002)",
    "http://www.w3.org/2001/12/soap-envelope": "SOAP 1.2 (draft of 2001)",
    "http://schemas.microsoft.com/ws/2005/05/envelope/none": "WCF message without SOAP",
}
ADDRESSING_VERSIONS: Final[dict[str, str]] = {
    "http://www.w3.org/2005/08/addressing": "WS-Addressing 1.0",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing": "WS-Addressing of August 2004",
    "http://schemas.xmlsoap.org/ws/2004/03/addressing": "WS-Addressing of March 2004",
    "http://schemas.xmlsoap.org/ws/2003/03/addressing": "WS-Addressing of March 2003",
    "http://schemas.microsoft.com/ws/2005/05/addressing/none": "WCF without addressing",
}
SECURITY_VERSIONS: Final[dict[str, str]] = {
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd": "WS-Security 1.0",
    "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd": "WS-Security 1.1",
    "http://schemas.xmlsoap.org/ws/2003/06/secext": "WS-Security (draft of June 2003)",
    "http://schemas.xmlsoap.org/ws/2002/12/secext": "WS-Security (draft of December 2002)",
    "http://schemas.xmlsoap.org/ws/2002/07/secext": "WS-Security (draft of July 2002)",
    "http://schemas.xmlsoap.org/ws/2002/04/secext": "WS-Security (draft of April 2002)",
    "http://schemas.xmlsoap.org/ws/2002/01/secext": "WS-Security (draft of January 2002)",
}
TRUST_VERSIONS: Final[dict[str, str]] = {
    "http://docs.oasis-open.org/ws-sx/ws-trust/200802": "WS-Trust 1.4",
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512": "WS-Trust 1.3",
    "http://docs.oasis-open.org/ws-sx/ws-trust/200512/": "WS-Trust 1.3",
    "http://schemas.xmlsoap.org/ws/2005/02/trust": "WS-Trust of February 2005",
    "http://schemas.xmlsoap.org/ws/2004/04/trust": "WS-Trust of April 2004",
}
CONVERSATION_VERSIONS: Final[dict[str, str]] = {
    "http://docs.oasis-open.org/ws-sx/ws-secureconversation/200512": "WS-SecureConversation 1.3",
    "http://schemas.xmlsoap.org/ws/2005/02/sc": "WS-SecureConversation of February 2005",
    "http://schemas.xmlsoap.org/ws/2004/04/sc": "WS-SecureConversation of April 2004",
}

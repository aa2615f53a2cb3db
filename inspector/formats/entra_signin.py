"""Entra ID (Azure AD) sign-in exports: the portal's JSON, Graph's value array, and diagnostic settings' records."""

from __future__ import annotations

import re
from typing import Final

from inspector.formats.text.json_log import JsonLog

_SIGN_IN: Final = re.compile(
    r'"(?:userPrincipalName|appDisplayName|conditionalAccessStatus|signInEventTypes|isInteractive|resultType|failureReason)"\s*:'
)


def _recognise(text: str) -> int:
    named = len(set(_SIGN_IN.findall(text[:30000])))
    if named < 3 or not ('"createdDateTime"' in text[:30000] or '"SignInLogs"' in text[:30000] or '"resultType"' in text[:30000]):
        return 0
    by_line = text.startswith("{") and "\n{" in text[:60000]
    return 0 if by_line else 92


ENTRA_SIGNIN: Final = JsonLog(
    "entra-signin",
    "Entra ID sign-ins",
    "JSON objects with userPrincipalName, appDisplayName and a status",
    (".json",),
    lines=False,
    member=r'\A\s*(?:\[|\{[^\[]{0,2000}?"(?:value|records)"\s*:\s*\[)|\A',
    recognise=_recognise,
)

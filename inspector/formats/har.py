"""HTTP archives (.har): every request of a browser or proxy with its answer."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

from inspector.formats.text.json_log import JsonLog

_LONGEST_BODY: Final = 4 << 20


def _recognise(text: str) -> int:
    return 95 if re.match(r'\{\s*"log"\s*:\s*\{', text) and ('"entries"' in text or '"creator"' in text) else 0


def _headers(part: dict[str, Any]) -> list[str]:
    return [f"{header.get('name', '')}: {header.get('value', '')}" for header in part.get("headers") or () if isinstance(header, dict)]


def _body(content: dict[str, Any]) -> str:
    text = str(content.get("text") or "")
    if content.get("encoding") == "base64":
        try:
            text = base64.b64decode(text[:_LONGEST_BODY], validate=False).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return text
    return text


def _as_event(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of the archive as an event: the request and its answer as they went over the line."""
    request, response = entry["request"], entry.get("response") or {}
    status = int(response.get("status") or 0)
    url = str(request.get("url", ""))
    host = re.match(r"[a-z]+://([^/:]+)", url)
    lines = [f"{request.get('method', '')} {url} -> {status} {response.get('statusText', '')}".rstrip(), *_headers(request)]
    if request.get("postData"):
        lines += ["", str((request["postData"] or {}).get("text") or "")]
    lines += ["", f"{response.get('httpVersion', 'HTTP')} {status} {response.get('statusText', '')}".rstrip(), *_headers(response)]
    body = _body(response.get("content") or {})
    if body:
        lines += ["", body]
    event: dict[str, Any] = {
        "startedDateTime": entry.get("startedDateTime"),
        "level": "error" if status >= 500 or status == 0 else "warning" if status >= 400 else "information",
        "provider": host[1] if host else "",
        "EventID": status or None,
        "message": "\n".join(lines),
    }
    for name in ("time", "serverIPAddress", "_error"):
        if entry.get(name):
            event["milliseconds" if name == "time" else name] = entry[name]
    return event


HAR: Final = JsonLog(
    "har",
    "HTTP archive (.har)",
    "a JSON document with log.entries",
    (".har", ".json"),
    lines=False,
    member=r'"entries"\s*:\s*\[',
    recognise=_recognise,
    reshape=_as_event,
)

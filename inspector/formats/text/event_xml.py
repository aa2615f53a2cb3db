"""Windows event XML (MS-EVEN6 2.2.14): its named data out of one event's text."""

from __future__ import annotations

from typing import Final

from lxml import etree

_LARGEST: Final = 16 << 20


def parser() -> etree.XMLParser:
    """A parser that loads nothing, expands nothing and reaches nowhere."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)


def element(xml: str) -> etree._Element | None:
    """The root element; None when the text is no well-formed XML (or declares a document type)."""
    if len(xml) > _LARGEST or "<!DOCTYPE" in xml[:4096].upper():
        return None
    try:
        return etree.fromstring(xml.strip().encode("utf-8", "replace"), parser())
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(node: etree._Element) -> str:
    """Tag without namespace; empty for what is no element."""
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def text_of(node: etree._Element) -> str:
    """All text below an element."""
    return "".join(str(part) for part in node.itertext())


def data_of(root: etree._Element) -> list[tuple[str, str]]:
    """Name and value of everything in EventData and UserData, in order; unnamed data are numbered."""
    found: list[tuple[str, str]] = []
    for section in root:
        kind = local_name(section)
        if kind == "EventData":
            for number, node in enumerate(section):
                name = str(node.get("Name") or (f"Data {number + 1}" if local_name(node) == "Data" else local_name(node)))
                found.append((name, text_of(node)))
        elif kind in ("UserData", "ProcessingErrorData", "DebugData"):
            for node in section.iter():
                if not len(node) and local_name(node) and node is not section:
                    found.append((local_name(node), str(node.text or "")))
    return found


def data_lines(xml: str) -> list[tuple[str, str]] | None:
    """Name and value pairs of an event's data out of its XML; None when that is not well-formed."""
    root = element(xml)
    return None if root is None else data_of(root)

"""XML inside any text: found, freed of its escapes, parsed without trust, laid out, and traceable back to the text."""

from __future__ import annotations

from inspector.xmltext.document import CUSTOMARY, MAX_LENGTH, XmlText, local_name, namespace, parse
from inspector.xmltext.finding import find_xml
from inspector.xmltext.pretty import pretty_offsets, pretty_print

__all__ = ["CUSTOMARY", "MAX_LENGTH", "XmlText", "find_xml", "local_name", "namespace", "parse", "pretty_offsets", "pretty_print"]

"""What the desktop of a Linux system reads: menu entry, file kinds, and the description of the Debian package."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from product import FILE_KINDS, ITALIAN_SUMMARY, MAKER, NAME, SUMMARY, TITLE

MIME_SPACE = "http://www.freedesktop.org/standards/shared-mime-info"

DEPENDS = (
    "libc6 (>= 2.34)",
    "libegl1",
    "libgl1",
    "libxcb1",
    "libwayland-client0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "fontconfig-config",
)
"""What the package does not bring itself: the C library, the doors to graphics driver and screen, and where the system's fonts are."""

PROVIDED = re.compile(r"(ld-linux.*|lib(c|m|dl|pthread|rt|EGL|GL|xcb|wayland-(client|cursor|egl)))\.so\.\d+")
"""The libraries in those packages: everything else that is asked for has to be in the package."""

RECOMMENDS = ("shared-mime-info", "desktop-file-utils", "xdg-utils")
"""What makes a double click find the program; a desktop has them."""


def desktop_entry() -> str:
    """The entry in the menu and in "open with" (Desktop Entry Specification)."""
    lines = {
        "Type": "Application",
        "Name": TITLE,
        "GenericName": "Log Inspector",
        "Comment": SUMMARY,
        "Comment[it]": ITALIAN_SUMMARY,
        "Exec": f"{NAME}-window %F",
        "Icon": NAME,
        "Terminal": "false",
        "Categories": "System;Security;",
        "Keywords": "evtx;event log;SOAP;SAML;token;",
        "MimeType": "".join(f"{kind.mime};" for kind in FILE_KINDS),
        "StartupNotify": "true",
    }
    return "[Desktop Entry]\n" + "".join(f"{key}={value}\n" for key, value in lines.items())


def mime_types() -> str:
    """The file kinds, by name and where possible by content (Shared MIME-info Database specification)."""
    ET.register_namespace("", MIME_SPACE)
    root = ET.Element(f"{{{MIME_SPACE}}}mime-info")
    for kind in FILE_KINDS:
        element = ET.SubElement(root, f"{{{MIME_SPACE}}}mime-type", type=kind.mime)
        ET.SubElement(element, f"{{{MIME_SPACE}}}comment").text = kind.name
        italian = ET.SubElement(element, f"{{{MIME_SPACE}}}comment", {"xml:lang": "it"})
        italian.text = kind.italian
        if kind.parent_mime:
            ET.SubElement(element, f"{{{MIME_SPACE}}}sub-class-of", type=kind.parent_mime)
        if kind.magic is not None:
            offset, text = kind.magic
            magic = ET.SubElement(element, f"{{{MIME_SPACE}}}magic", priority="60")
            ET.SubElement(magic, f"{{{MIME_SPACE}}}match", type="string", offset=str(offset), value=text)
        # Above the weight of the parent, which the content of a case would fit as well.
        ET.SubElement(
            element, f"{{{MIME_SPACE}}}glob", {"pattern": f"*.{kind.extension}", **({"weight": "70"} if kind.parent_mime else {})}
        )
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def control(version: str, architecture: str, kibibytes: int) -> str:
    """The description of the Debian package."""
    return f"""\
Package: {NAME}
Version: {version}
Architecture: {architecture}
Maintainer: {MAKER} <maintainers@tokenloginspector.example>
Installed-Size: {kibibytes}
Section: admin
Priority: optional
Depends: {", ".join(DEPENDS)}
Recommends: {", ".join(RECOMMENDS)}
Description: offline inspector of logs about refused security tokens
 Opens Windows event logs, WCF and WSE traces and text logs, shows the SOAP
 envelope, the stack trace and a timeline of each message against its token's
 validity, and says why the token was refused, with the evidence. Nothing
 leaves the machine.
"""

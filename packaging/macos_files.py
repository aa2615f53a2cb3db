"""What macOS reads: the description of the application bundle with the file kinds it opens."""

from __future__ import annotations

from product import FILE_KINDS, IDENTIFIER, SUMMARY, TITLE, WINDOW, FileKind, version, version_numbers


def info_plist() -> dict[str, object]:
    """The content of Info.plist: own files are owned, everybody's files are offered to as an alternative."""
    return {
        "CFBundleDisplayName": TITLE,
        "CFBundleName": TITLE,
        "CFBundleExecutable": WINDOW,
        "CFBundleIdentifier": IDENTIFIER,
        "CFBundleShortVersionString": ".".join(map(str, version_numbers()[:3])),
        "CFBundleVersion": version(),
        "CFBundleDevelopmentRegion": "en",
        "CFBundleLocalizations": ["en", "it"],
        "CFBundleGetInfoString": SUMMARY,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": kind.name,
                "CFBundleTypeRole": "Editor" if kind.own else "Viewer",
                "LSHandlerRank": "Owner" if kind.own else "Alternate",
                "LSItemContentTypes": [kind.type_identifier],
            }
            for kind in FILE_KINDS
        ]
        + [
            {
                "CFBundleTypeName": "Log",
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": ["public.log", "public.plain-text", "public.xml", "public.folder"],
            }
        ],
        "UTExportedTypeDeclarations": [_declaration(kind) for kind in FILE_KINDS if kind.own],
        "UTImportedTypeDeclarations": [_declaration(kind) for kind in FILE_KINDS if not kind.own],
        "LSApplicationCategoryType": "public.app-category.developer-tools",
        "LSMinimumSystemVersion": "13.0",
        "NSHighResolutionCapable": True,
        "NSPrincipalClass": "NSApplication",
        "NSRequiresAquaSystemAppearance": False,
    }


def _declaration(kind: FileKind) -> dict[str, object]:
    return {
        "UTTypeIdentifier": kind.type_identifier,
        "UTTypeDescription": kind.name,
        "UTTypeConformsTo": [kind.parent_type],
        "UTTypeTagSpecification": {"public.filename-extension": [kind.extension], "public.mime-type": [kind.mime]},
    }

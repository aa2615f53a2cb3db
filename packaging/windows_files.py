"""What Windows reads: the version resource of the programs, and the script of the installer."""

from __future__ import annotations

from pathlib import Path

from product import CONSOLE, FILE_KINDS, INSTALLER_ID, MAKER, NAME, SUMMARY, TITLE, WINDOW, version, version_numbers

OFFERED_TOO = (".log", ".webinfo", ".txt", ".xml")
"""Kinds that belong to other programs: Windows lists ours under "open with", nothing more."""


def version_resource() -> str:
    """The version resource, in the notation that PyInstaller reads."""
    strings = {
        "CompanyName": MAKER,
        "FileDescription": TITLE,
        "FileVersion": version(),
        "InternalName": CONSOLE,
        "LegalCopyright": "MIT License",
        "ProductName": TITLE,
        "ProductVersion": version(),
    }
    entries = "".join(f"      StringStruct({key!r}, {value!r}),\n" for key, value in strings.items())
    return (
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={version_numbers()}, prodvers={version_numbers()}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1,"
        " subtype=0x0, date=(0, 0)),\n"
        "  kids=[\n"
        "    StringFileInfo([StringTable('040904B0', [\n"
        f"{entries}"
        "    ])]),\n"
        "    VarFileInfo([VarStruct('Translation', [1033, 1200])]),\n"
        "  ],\n"
        ")\n"
    )


def installer_script(folder: Path, target: Path, icon: Path, licence: Path) -> str:
    """The script for Inno Setup 6: installs for one user without asking for rights, offers the file kinds, takes all of it away again.

    ``folder``: what was built. ``target``: the folder for the installer.
    """
    return f"""\
[Setup]
AppId={{{{{INSTALLER_ID}}}
AppName={TITLE}
AppVersion={version()}
AppPublisher={MAKER}
AppComments={SUMMARY}
VersionInfoVersion={".".join(map(str, version_numbers()))}
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=commandline dialog
DefaultDirName={{autopf}}\\{TITLE}
DisableProgramGroupPage=yes
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
ChangesAssociations=yes
CloseApplications=yes
LicenseFile={licence}
SetupIconFile={icon}
UninstallDisplayIcon={{app}}\\{WINDOW}.exe
UninstallDisplayName={TITLE}
OutputDir={target}
OutputBaseFilename={NAME}-{version()}-setup
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "it"; MessagesFile: "compiler:Languages\\Italian.isl"

[Tasks]
Name: "desktopicon"; Description: "{{cm:CreateDesktopIcon}}"; Flags: unchecked

[Files]
Source: "{folder}\\*"; DestDir: "{{app}}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{{autoprograms}}\\{TITLE}"; Filename: "{{app}}\\{WINDOW}.exe"
Name: "{{autodesktop}}\\{TITLE}"; Filename: "{{app}}\\{WINDOW}.exe"; Tasks: desktopicon

[Registry]
{_registry()}
[Run]
Filename: "{{app}}\\{WINDOW}.exe"; Description: "{{cm:LaunchProgram,{TITLE}}}"; Flags: nowait postinstall skipifsilent

[UninstallDelete]
Type: filesandordirs; Name: "{{localappdata}}\\{NAME}"
Type: dirifempty; Name: "{{app}}"
"""


def _registry() -> str:
    """Offers: a program identifier per kind, listed under OpenWithProgids and as a capability; no default is ever written."""
    lines = []

    def value(key: str, data: str, name: str = "", flags: str = "") -> None:
        named = f'; ValueName: "{name}"' if name else ""
        lines.append(
            f'Root: HKA; Subkey: "{key}"; ValueType: string{named}; ValueData: "{data}"' + (f"; Flags: {flags}" if flags else "") + "\n"
        )

    classes, application = r"Software\Classes", rf"Software\Classes\Applications\{WINDOW}.exe"
    capabilities = rf"Software\{TITLE}\Capabilities"
    command = rf'""{{app}}\{WINDOW}.exe"" ""%1""'
    for kind in FILE_KINDS:
        value(rf"{classes}\{kind.prog_id}", kind.name, flags="uninsdeletekey")
        value(rf"{classes}\{kind.prog_id}\DefaultIcon", rf"{{app}}\{WINDOW}.exe,0")
        value(rf"{classes}\{kind.prog_id}\shell\open\command", command)
        value(rf"{classes}\.{kind.extension}\OpenWithProgids", "", kind.prog_id, "uninsdeletevalue uninsdeletekeyifempty")
    value(application, TITLE, "FriendlyAppName", "uninsdeletekey")
    value(rf"{application}\shell\open\command", command)
    for extension in (*(f".{kind.extension}" for kind in FILE_KINDS), *OFFERED_TOO):
        value(rf"{application}\SupportedTypes", "", extension)
    value(rf"Software\{TITLE}", "", flags="uninsdeletekey")
    value(capabilities, TITLE, "ApplicationName")
    value(capabilities, SUMMARY, "ApplicationDescription")
    for kind in FILE_KINDS:
        value(rf"{capabilities}\FileAssociations", kind.prog_id, f".{kind.extension}")
    value(r"Software\RegisteredApplications", capabilities, TITLE, "uninsdeletevalue")
    return "".join(lines)

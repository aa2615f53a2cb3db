"""The languages of the window: English as written in the code, others out of Qt Linguist's files."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from inspector.resources import resource_path

LANGUAGES: Final = {"en": "English", "it": "Italiano"}
"""Code to its name in the language itself."""


class Catalogue(QTranslator):
    """The translations of one ``.ts`` file, read as it is: nothing has to be compiled for it."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._texts: dict[tuple[str, str], str] = {}
        # A file of the program's own, not of a person's.
        root = ET.parse(resource_path(f"translations/inspector_{language}.ts")).getroot()  # noqa: S314
        for context in root.iter("context"):
            name = context.findtext("name", "")
            for message in context.iter("message"):
                translation = message.find("translation")
                if translation is not None and translation.text and translation.get("type") is None:
                    self._texts[name, message.findtext("source", "")] = translation.text

    @property
    def texts(self) -> dict[tuple[str, str], str]:
        """Context and English text to the translation."""
        return dict(self._texts)

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(self, context: str, source: str, disambiguation: str | None = None, n: int = -1) -> str:
        """The translation, or the English text where there is none: asked last, so no other catalogue is kept from answering.

        Nothing empty: ``tr`` takes a translation like its source for a missing one, asks for it in the contexts of the base classes, and
        an empty answer would be shown.
        """
        del disambiguation, n
        return self._texts.get((context, source), source)


class Speaker:
    """Keeps the catalogues that are in use."""

    def __init__(self) -> None:
        self._installed: list[QTranslator] = []
        self.language = "en"

    def speak(self, language: str) -> None:
        """Use a language from now on; empty for the system's. What is on screen already keeps its texts."""
        chosen = language if language in LANGUAGES else QLocale.system().name()[:2]
        for each in self._installed:
            QCoreApplication.removeTranslator(each)
        self._installed.clear()
        self.language = chosen if chosen in LANGUAGES else "en"
        if self.language == "en":
            return
        self._installed.append(Catalogue(self.language))
        qt = QTranslator()
        if qt.load(f"qtbase_{self.language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
            self._installed.append(qt)  # the newest is asked first
        for each in self._installed:
            QCoreApplication.installTranslator(each)

"""The words with which Windows labels the parts of an event and names its levels, in the languages in which logs reach us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from inspector.events import Level

LANGUAGES: Final = ("en", "it", "de", "fr", "es", "pt")

# Per field: labels by language. ``type`` heads the 2003 layout, ``log`` the one since Vista.
_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "type": {
        "en": "Event Type", "it": "Tipo evento", "de": "Ereignistyp", "fr": "Type de l'événement|Type de l’événement|Type d'événement",
        "es": "Tipo de suceso|Tipo de evento", "pt": "Tipo de evento|Tipo de Evento",
    },
    "log": {
        "en": "Log Name", "it": "Nome registro", "de": "Protokollname", "fr": "Nom du journal|Nom du journal ",
        "es": "Nombre de registro|Nombre de Registro", "pt": "Nome do Log|Nome do log|Nome do Registro|Nome do registo",
    },
    "source": {
        "en": "Event Source|Source", "it": "Origine evento|Origine", "de": "Ereignisquelle|Quelle",
        "fr": "Source de l'événement|Source de l’événement|Source", "es": "Origen del suceso|Origen del evento|Origen",
        "pt": "Fonte de evento|Origem do evento|Fonte do Evento|Fonte|Origem",
    },
    "task": {
        "en": "Event Category|Task Category|Task", "it": "Categoria evento|Categoria attività",
        "de": "Ereigniskategorie|Aufgabenkategorie|Taskkategorie|Aufgabe Kategorie", "fr": "Catégorie de l'événement|Catégorie de l’événement|Catégorie de la tâche|Catégorie",
        "es": "Categoría del suceso|Categoría de la tarea|Categoría de tarea|Categoría", "pt": "Categoria do evento|Categoria da Tarefa|Categoria da tarefa|Categoria de Tarefas|Categoria do Evento",
    },
    "id": {
        "en": "Event ID|Event Id", "it": "ID evento", "de": "Ereigniskennung|Ereignis-ID", "fr": "ID de l'événement|ID de l’événement|N° de l'événement|Id. de l'événement",
        "es": "Id. suceso|Id. del evento|ID. de evento|Id. de evento|Id. del suceso|Identificador del evento", "pt": "Identificação de evento|Identificação do Evento|ID do evento|ID do Evento|Identificação do evento",
    },
    "date": {"en": "Date", "it": "Data", "de": "Datum", "fr": "Date", "es": "Fecha", "pt": "Data"},
    "time": {"en": "Time", "it": "Ora", "de": "Zeit|Uhrzeit", "fr": "Heure", "es": "Hora", "pt": "Hora"},
    "level": {"en": "Level", "it": "Livello", "de": "Ebene|Stufe", "fr": "Niveau", "es": "Nivel", "pt": "Nível"},
    "keywords": {"en": "Keywords|Keyword", "it": "Parole chiave", "de": "Schlüsselwörter", "fr": "Mots clés|Mots-clés", "es": "Palabras clave", "pt": "Palavras-chave|Palavras-Chave"},
    "user": {"en": "User", "it": "Utente", "de": "Benutzer", "fr": "Utilisateur", "es": "Usuario", "pt": "Usuário|Utilizador"},
    "computer": {"en": "Computer", "it": "Computer", "de": "Computer", "fr": "Ordinateur", "es": "Equipo", "pt": "Computador"},
    "description": {"en": "Description", "it": "Descrizione", "de": "Beschreibung", "fr": "Description", "es": "Descripción", "pt": "Descrição"},
    "opcode": {"en": "Opcode|OpCode", "it": "Codice operativo", "de": "Vorgangscode", "fr": "Opcode", "es": "Código de operación", "pt": "Código de operação"},
    "user name": {"en": "User Name"},
}  # fmt: skip

FIELD_OF: Final[Mapping[str, str]] = {
    label.strip(): field for field, by_language in _LABELS.items() for labels in by_language.values() for label in labels.split("|")
}
"""Label as written to the field that it labels."""

LANGUAGE_OF: Final[Mapping[str, str]] = {
    label: next(iter(languages))
    for label in FIELD_OF
    if len(languages := {code for by_language in _LABELS.values() for code, labels in by_language.items() if label in labels.split("|")})
    == 1
}
"""Label to its language, where only one has it."""


def labels_of(*fields: str) -> tuple[str, ...]:
    """Every label of the fields, longest first."""
    return tuple(sorted((label for label, field in FIELD_OF.items() if field in fields), key=len, reverse=True))


def any_of(*fields: str) -> str:
    """Regular expression for any label of the fields."""
    return "(?:" + "|".join(re.escape(label) for label in labels_of(*fields)) + ")"


LEVEL_NAMES: Final[Mapping[str, Level]] = {
    name: level
    for level, names in (
        (Level.CRITICAL, "critical critico kritisch critique crítico"),
        (Level.ERROR, "error errore fehler erreur erro"),
        (Level.WARNING, "warning avviso warnung avertissement advertencia aviso"),
        (Level.INFORMATION, "information informational informazioni informazione informationen informations información informações informação info"),
        (Level.VERBOSE, "verbose dettagliato ausführlich détaillé commentaires detallado detalhado verboso"),
    )
    for name in names.split()
} | {
    name: level
    for level, names in (
        (Level.AUDIT_FAILURE, "failure audit|audit failure|failureaudit|audit non riusciti|operazione fallita|controllo non riuscito|überwachung gescheitert|überwachungsfehler|fehlerüberwachung|fehlgeschlagene überwachung|audit des échecs|échec de l'audit|échec audit|error de auditoría|auditoría de errores|auditoria de falha|falha de auditoria|falha de auditoría"),
        (Level.AUDIT_SUCCESS, "success audit|audit success|successaudit|operazioni riuscite|operazione riuscita|controllo riuscito|überwachung erfolgreich|erfolgsüberwachung|erfolgreiche überwachung|audit des succès|succès de l'audit|succès audit|auditoría correcta|auditoría de aciertos|aciertos de auditoría|auditoria com êxito|êxito da auditoria|sucesso de auditoria|sucesso da auditoria"),
    )
    for name in names.split("|")
}  # fmt: skip
"""Level, type and audit keyword as shown, lower case, to the level."""

NOTHING: Final = frozenset(
    {
        "n/a",
        "n/d",
        "none",
        "nessuno",
        "nessuna",
        "keine",
        "keiner",
        "nicht zutreffend",
        "aucun",
        "aucune",
        "ninguno",
        "ninguna",
        "no disponible",
        "nenhum",
        "nenhuma",
        "non disponibile",
        "nd",
        "-",
        "n.v.",
    }
)
"""What Event Viewer writes where there is no user, category or keyword, lower case."""


def level_of(name: str, keywords: str = "") -> Level:
    """The level for a level or type as shown; an audit keyword goes before it, as audits are all of level information."""
    low_keywords = keywords.lower().replace("’", "'")
    for word in (part.strip() for part in low_keywords.replace("\xa0", " ").split(",")):
        found = LEVEL_NAMES.get(word)
        if found in (Level.AUDIT_FAILURE, Level.AUDIT_SUCCESS):
            return found
    return LEVEL_NAMES.get(name.replace("\xa0", " ").strip().lower().replace("’", "'"), Level.UNKNOWN)


def value_or_nothing(value: str) -> str | None:
    """The value, or None where Event Viewer writes that there is none."""
    value = value.replace("\xa0", " ").strip()
    return None if not value or value.lower() in NOTHING else value

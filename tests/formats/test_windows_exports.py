"""Windows events as Event Viewer, wevtutil and PowerShell write them: in every language and notation the same event comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inspector.events import Level, MessageFrom
from tests.formats import reading

VISTA = {
    "en": "Log Name:      Application\nSource:        AD FS\nDate:          5/21/2024 8:37:02 PM\nEvent ID:      364\nTask Category: None\nLevel:         Error\nKeywords:      AD FS\nUser:          TW\\anna\nComputer:      adfs1\nDescription:\nRefused.\n",
    "it": "Nome registro: Application\nOrigine:       AD FS\nData:          21/05/2024 20:37:02\nID evento:     364\nCategoria attività:Nessuna\nLivello:       Errore\nParole chiave: AD FS\nUtente:        TW\\anna\nComputer:      adfs1\nDescrizione:\nRefused.\n",
    "de": "Protokollname: Application\nQuelle:        AD FS\nDatum:         21.05.2024 20:37:02\nEreignis-ID:   364\nAufgabenkategorie:Keine\nEbene:         Fehler\nSchlüsselwörter:AD FS\nBenutzer:      TW\\anna\nComputer:      adfs1\nBeschreibung:\nRefused.\n",
    "fr": "Nom du journal :Application\nSource :       AD FS\nDate :         21/05/2024 20:37:02\nID de l’événement :364\nCatégorie de la tâche :Aucun\nNiveau :       Erreur\nMots clés :    AD FS\nUtilisateur :  TW\\anna\nOrdinateur :   adfs1\nDescription :\nRefused.\n",
    "es": "Nombre de registro:Application\nOrigen:        AD FS\nFecha:         21/05/2024 20:37:02\nId. del evento:364\nCategoría de la tarea:Ninguno\nNivel:         Error\nPalabras clave:AD FS\nUsuario:       TW\\anna\nEquipo:        adfs1\nDescripción:\nRefused.\n",
    "pt": "Nome do Log:   Application\nFonte:         AD FS\nData:          21/05/2024 20:37:02\nIdentificação do Evento:364\nCategoria da Tarefa:Nenhum\nNível:         Erro\nPalavras-chave:AD FS\nUsuário:       TW\\anna\nComputador:    adfs1\nDescrição:\nRefused.\n",
}
OLD = {
    "en": "Event Type:\tError\nEvent Source:\tAD FS\nEvent Category:\tNone\nEvent ID:\t364\nDate:\t\t5/21/2024\nTime:\t\t8:37:02 PM\nUser:\t\tTW\\anna\nComputer:\tadfs1\nDescription:\nRefused.\n",
    "it": "Tipo evento:\tErrore\nOrigine evento:\tAD FS\nCategoria evento:\tNessuno\nID evento:\t364\nData:\t\t21/05/2024\nOra:\t\t20.37.02\nUtente:\t\tTW\\anna\nComputer:\tadfs1\nDescrizione:\nRefused.\n",
    "de": "Ereignistyp:\tFehler\nEreignisquelle:\tAD FS\nEreigniskategorie:\tKeine\nEreigniskennung:\t364\nDatum:\t\t21.05.2024\nZeit:\t\t20:37:02\nBenutzer:\t\tTW\\anna\nComputer:\tadfs1\nBeschreibung:\nRefused.\n",
    "fr": "Type de l'événement :\tErreur\nSource de l'événement :\tAD FS\nCatégorie de l'événement :\tAucun\nID de l'événement :\t364\nDate :\t\t21/05/2024\nHeure :\t\t20:37:02\nUtilisateur :\t\tTW\\anna\nOrdinateur :\tadfs1\nDescription :\nRefused.\n",
    "es": "Tipo de suceso:\tError\nOrigen del suceso:\tAD FS\nCategoría del suceso:\tNinguno\nId. suceso:\t364\nFecha:\t\t21/05/2024\nHora:\t\t20:37:02\nUsuario:\t\tTW\\anna\nEquipo:\tadfs1\nDescripción:\nRefused.\n",
    "pt": "Tipo de evento:\tErro\nFonte de evento:\tAD FS\nCategoria do evento:\tNenhum\nIdentificação do evento:\t364\nData:\t\t21/5/2024\nHora:\t\t20:37:02\nUsuário:\t\tTW\\anna\nComputador:\tadfs1\nDescrição:\nRefused.\n",
}
CSV = {
    "en": "Level,Date and Time,Source,Event ID,Task Category\r\nError,5/21/2024 8:37:02 PM,AD FS,364,None,Refused.\r\n",
    "it": "Livello,Data e ora,Origine,ID evento,Categoria attività\r\nErrore,21/05/2024 20:37:02,AD FS,364,Nessuna,Refused.\r\n",
    "de": "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\nFehler,21.05.2024 20:37:02,AD FS,364,Keine,Refused.\r\n",
    "fr": "Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche\r\nErreur,21/05/2024 20:37:02,AD FS,364,Aucun,Refused.\r\n",
    "es": "Nivel,Fecha y hora,Origen,Id. del evento,Categoría de la tarea\r\nError,21/05/2024 20:37:02,AD FS,364,Ninguno,Refused.\r\n",
    "pt": "Nível,Data e Hora,Fonte,Identificação do Evento,Categoria da Tarefa\r\nErro,21/05/2024 20:37:02,AD FS,364,Nenhum,Refused.\r\n",
}
LISTED = {
    "en": "Type,Date,Time,Source,Category,Event,User,Computer\r\nError,5/21/2024,8:37:02 PM,AD FS,None,364,N/A,adfs1\r\n",
    "it": "Tipo,Data,Ora,Origine,Categoria,Evento,Utente,Computer\r\nErrore,21/05/2024,20.37.02,AD FS,Nessuno,364,N/D,adfs1\r\n",
    "de": "Typ,Datum,Uhrzeit,Quelle,Kategorie,Ereignis,Benutzer,Computer\r\nFehler,21.05.2024,20:37:02,AD FS,Keine,364,Nicht zutreffend,adfs1\r\n",
}
AUDITS = {
    "en": "Keywords,Date and Time,Source,Event ID,Task Category\r\nAudit Failure,{},{},4625,Logon,no\r\nAudit Success,{},{},4624,Logon,ok\r\n",
    "it": "Parole chiave,Data e ora,Origine,ID evento,Categoria attività\r\nControllo non riuscito,{},{},4625,Logon,no\r\nControllo riuscito,{},{},4624,Logon,ok\r\n",
    "de": "Schlüsselwörter,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie\r\nÜberwachung gescheitert,{},{},4625,Anmelden,no\r\nÜberwachung erfolgreich,{},{},4624,Anmelden,ok\r\n",
    "fr": "Mots clés,Date et heure,Source,ID de l’événement,Catégorie de la tâche\r\nÉchec de l’audit,{},{},4625,Logon,no\r\nSuccès de l’audit,{},{},4624,Logon,ok\r\n",
    "es": "Palabras clave,Fecha y hora,Origen,Id. del evento,Categoría de la tarea\r\nError de auditoría,{},{},4625,Logon,no\r\nAuditoría correcta,{},{},4624,Logon,ok\r\n",
    "pt": "Palavras-chave,Data e Hora,Fonte,Identificação do Evento,Categoria da Tarefa\r\nFalha de Auditoria,{},{},4625,Logon,no\r\nSucesso da Auditoria,{},{},4624,Logon,ok\r\n",
}


def read(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "export.txt") -> reading.Read:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return reading.read(path)


def told(found: reading.Read) -> list[tuple[object, ...]]:
    names = ("time", "level", "provider", "event_id", "computer", "task", "message")
    return [tuple(row[name] for name in names) for row in found.frame.iter_rows(named=True)]


MOMENT = 1_716_323_822_000_000
"""2024-05-21 20:37:02, the wall clock."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("language", VISTA)
@pytest.mark.parametrize("texts", [VISTA, OLD], ids=["vista", "2003"])
def test_copied_text(texts: dict[str, str], language: str, encoding: str, tmp_path: Path) -> None:
    text = texts[language] + "---\n" + texts[language]
    found = read(tmp_path, text, encoding)
    assert found.format.name == "event-viewer-text"
    event = (MOMENT, Level.ERROR, "AD FS", 364, "adfs1", None, "Refused.")
    assert told(found) == [event, event]
    assert found.frame["user"].to_list() == ["TW\\anna"] * 2
    assert found.problems == ()


@pytest.mark.parametrize(("delimiter", "encoding"), [(",", "utf-8-sig"), ("\t", "cp1252"), ("\t", "utf-16"), (";", "utf-8")])
@pytest.mark.parametrize("language", CSV)
def test_saved_table(language: str, delimiter: str, encoding: str, tmp_path: Path) -> None:
    found = read(tmp_path, CSV[language].replace(",", delimiter), encoding)
    assert found.format.name == "csv"
    assert told(found) == [(MOMENT, Level.ERROR, "AD FS", 364, None, None, "Refused.")]


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("language", LISTED)
def test_list_of_the_old_event_viewer(language: str, delimiter: str, tmp_path: Path) -> None:
    found = read(tmp_path, LISTED[language].replace(",", delimiter))
    assert told(found) == [(MOMENT, Level.ERROR, "AD FS", 364, "adfs1", None, "")]


@pytest.mark.parametrize("language", AUDITS)
def test_audits(language: str, tmp_path: Path) -> None:
    date = {"en": "5/21/2024 8:37:02 PM", "de": "21.05.2024 20:37:02"}.get(language, "21/05/2024 20:37:02")
    provider = "Microsoft-Windows-Security-Auditing"
    found = read(tmp_path, AUDITS[language].format(date, provider, date, provider))
    assert [(row[0], row[1], row[3]) for row in told(found)] == [(MOMENT, Level.AUDIT_FAILURE, 4625), (MOMENT, Level.AUDIT_SUCCESS, 4624)]


WIN_EVENT = {
    "Id": 364, "Version": 0, "Level": 2, "Task": 0, "Keywords": -9223372036854775807, "RecordId": 9, "ProviderName": "AD FS", "LogName": "AD FS/Admin", "MachineName": "adfs1",
    "UserId": {"BinaryLength": 28, "Value": "S-1-5-21-1"}, "TimeCreated": "/Date(1716323822000)/", "LevelDisplayName": "Error", "TaskDisplayName": None, "KeywordsDisplayNames": ["AD FS"],
    "Message": "Refused.",
}  # fmt: skip
EVENT_LOG = {
    "MachineName": "adfs1", "Index": 9, "Category": "(0)", "CategoryNumber": 0, "EventID": 364, "EntryType": 1, "Message": "Refused.", "Source": "AD FS", "InstanceId": 364,
    "TimeGenerated": "/Date(1716323822000)/", "UserName": "TW\\anna",
}  # fmt: skip


@pytest.mark.parametrize("whole", [False, True], ids=["one", "several"])
@pytest.mark.parametrize(
    "event",
    [WIN_EVENT, {**WIN_EVENT, "TimeCreated": "2024-05-21T22:37:02.0000000+02:00"}, EVENT_LOG, {**EVENT_LOG, "EntryType": "Error"}],
    ids=["Get-WinEvent 5", "Get-WinEvent 7", "Get-EventLog", "Get-EventLog -EnumsAsStrings"],
)
def test_powershell_json(event: dict[str, object], whole: bool, tmp_path: Path) -> None:
    text = json.dumps([event, event] if whole else event, indent=4).replace("/Date", "\\/Date").replace(")/", ")\\/")
    found = read(tmp_path, text, "utf-16")
    rows = told(found)
    assert len(rows) == 1 + whole
    assert rows[0][:5] == (MOMENT, Level.ERROR, "AD FS", 364, "adfs1")
    assert str(rows[0][6]).startswith("Refused.\n\n")
    assert found.frame["user"][0] == ("S-1-5-21-1" if "UserId" in event else "TW\\anna")


@pytest.mark.parametrize(
    ("keywords", "level"),
    [
        ({"Keywords": -9218868437227405312}, Level.AUDIT_FAILURE),
        ({"Keywords": -9214364837600034816}, Level.AUDIT_SUCCESS),
        ({"Keywords": -9218868437227405312, "KeywordsDisplayNames": ["Überwachung gescheitert"]}, Level.AUDIT_FAILURE),
        ({"Keywords": -9223372036854775808}, Level.INFORMATION),
        ({"Keywords": 10**30}, Level.INFORMATION),
    ],
)
def test_audits_in_powershell_json(keywords: dict[str, object], level: Level, tmp_path: Path) -> None:
    event = {**WIN_EVENT, "Level": 0, "LevelDisplayName": "Information", "KeywordsDisplayNames": [], **keywords}
    assert told(read(tmp_path, json.dumps(event)))[0][1] == level


EXPORT_CSV = (
    '#TYPE System.Diagnostics.Eventing.Reader.EventLogRecord\r\n"Id","Level","Keywords","ProviderName","LogName","MachineName","UserId","TimeCreated","LevelDisplayName","TaskDisplayName","KeywordsDisplayNames","Message"\r\n'
    '"364","2","-9223372036854775807","AD FS","AD FS/Admin","adfs1","S-1-5-21-1","21/05/2024 20:37:02","Errore",,"System.Collections.ObjectModel.ReadOnlyCollection`1[System.String]","Refused.\r\nTwice"\r\n'
)
EXPORT_EVENT_LOG = (
    '#TYPE System.Diagnostics.EventLogEntry#Application/AD FS/364\r\n"EventID","MachineName","Data","Index","Category","CategoryNumber","EntryType","Message","Source","ReplacementStrings","InstanceId","TimeGenerated"\r\n'
    '"364","adfs1","System.Byte[]","9","(0)","0","Error","Refused.","AD FS","System.String[]","364","21.05.2024 20:37:02"\r\n'
)


@pytest.mark.parametrize("text", [EXPORT_CSV, EXPORT_EVENT_LOG], ids=["Get-WinEvent", "Get-EventLog"])
def test_powershell_csv(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, text, "utf-16", "export.csv")
    assert told(found)[0][:5] == (MOMENT, Level.ERROR, "AD FS", 364, "adfs1")
    assert found.frame["keywords"][0] in {None, "-9223372036854775807"}


ADFS = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='AD FS'/><EventID>364</EventID><Level>2</Level><TimeCreated SystemTime='2024-05-21T20:37:02Z'/><Computer>adfs1</Computer></System><UserData><Event xmlns='http://schemas.microsoft.com/ActiveDirectoryFederationServices/2.0/Events'><EventData><Data>Saml</Data></EventData></Event></UserData>{}</Event>"
RENDERED = "<RenderingInfo Culture='it-IT'><Message>Rifiutato.</Message><Level>Errore</Level></RenderingInfo>"


@pytest.mark.parametrize(
    "text", ["{0}{1}", "{0}\r\n{1}\r\n", '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>{0}{1}</Events>']
)
def test_an_event_that_holds_an_event_is_one(text: str, tmp_path: Path) -> None:
    found = read(tmp_path, text.format(ADFS.format(""), ADFS.format(RENDERED)), "utf-8-sig", "export.xml")
    assert found.problems == ()
    assert [row[:5] for row in told(found)] == [(MOMENT, Level.ERROR, "AD FS", 364, "adfs1")] * 2
    assert str(told(found)[1][6]) == "Rifiutato.\n\nData: Saml"
    assert found.frame["message_from"].to_list() == [MessageFrom.TEMPLATE, MessageFrom.RENDERING_INFO]
    assert found.raw(1).endswith("</RenderingInfo></Event>")


def test_copied_text_with_the_xml_of_an_event_that_holds_an_event(tmp_path: Path) -> None:
    found = read(tmp_path, (VISTA["en"] + "Event Xml:\n" + ADFS.format("") + "\n") * 2)
    assert found.problems == ()
    assert [row[1:5] for row in told(found)] == [(Level.ERROR, "AD FS", 364, "adfs1")] * 2


def test_an_event_that_is_cut_inside_of_its_event(tmp_path: Path) -> None:
    whole = ADFS.format("")
    found = read(tmp_path, whole + whole[: whole.index("</UserData>")])
    assert len(found.frame) == 2
    assert len(found.problems) == 1


SIGN_INS = (
    '\ufeff"Date (UTC)","Request ID","User agent","Correlation ID","User ID","User","Username","User type","Application","Application ID","Resource","IP address","Status","Sign-in error code","Failure reason"\r\n'
    '"2024-05-21T20:37:02Z","r1","UA","6d1b8f04-2a3e-4c57-9d10-7be2f0a4c913","u1","Anna","anna@tw.example","Member","Portal","a1","Graph","10.0.0.1","Failure","50173","The grant has expired."\r\n'
    '"2024-05-21T20:37:03Z","r2","UA","","u1","Anna","anna@tw.example","Member","Portal","a1","Graph","10.0.0.1","Success","",""\r\n'
)


def test_sign_ins_as_the_portal_of_entra_saves_them(tmp_path: Path) -> None:
    found = read(tmp_path, SIGN_INS, name="SignIns.csv")
    assert found.format.name == "csv"
    assert [(row[0], row[1], str(row[6]).partition("\n")[0]) for row in told(found)] == [
        (MOMENT, Level.ERROR, "Sign-in of anna@tw.example to Portal failed: AADSTS50173 The grant has expired."),
        (MOMENT + 1_000_000, Level.INFORMATION, "Sign-in of anna@tw.example to Portal succeeded"),
    ]
    assert found.frame["user"].to_list() == ["anna@tw.example"] * 2
    assert found.frame["activity"][0] == "6d1b8f04-2a3e-4c57-9d10-7be2f0a4c913"

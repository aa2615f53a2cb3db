"""Event Viewer's copied text: both layouts, six languages, web pages around it, ends of events, and text that belongs to none."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from lxml import etree

from inspector.formats.event_viewer_text import EVENT_VIEWER_TEXT
from inspector.resources import resource_path
from tests.formats import reading
from tests.formats.samples import EVENT_2003, EVENT_VISTA

OLD = {
    "it": "Tipo evento:\tErrore\nOrigine evento:\tX\nCategoria evento:\tNessuno\nID evento:\t7\nData:\t\t03/02/2006\nOra:\t\t10.21.49\nUtente:\t\tN/D\nComputer:\tPC1\nDescrizione:\ntesto\n",
    "de": "Ereignistyp:\tFehler\nEreignisquelle:\tX\nEreigniskategorie:\tKeine\nEreigniskennung:\t7\nDatum:\t\t03.02.2006\nZeit:\t\t10:21:49\nBenutzer:\t\tNicht zutreffend\nComputer:\tPC1\nBeschreibung:\ntesto\n",
    "fr": "Type de l'événement :\tErreur\nSource de l'événement :\tX\nCatégorie de l'événement :\tAucun\nID de l'événement :\t7\nDate :\t\t03/02/2006\nHeure :\t\t10:21:49\nUtilisateur :\t\tN/A\nOrdinateur :\tPC1\nDescription :\ntesto\n",
    "es": "Tipo de suceso:\tError\nOrigen del suceso:\tX\nCategoría del suceso:\tNinguno\nId. suceso:\t7\nFecha:\t\t03/02/2006\nHora:\t\t10:21:49 a.m.\nUsuario:\t\tNo disponible\nEquipo:\tPC1\nDescripción:\ntesto\n",
    "pt": "Tipo de evento:\tErro\nFonte de evento:\tX\nCategoria do evento:\tNenhum\nIdentificação de evento:\t7\nData:\t\t03/02/2006\nHora:\t\t10:21:49\nUsuário:\t\tN/A\nComputador:\tPC1\nDescrição:\ntesto\n",
}

NEW = {
    "it": "Nome registro:  Application\nOrigine:        X\nData:           03/02/2006 10:21:49\nID evento:      7\nCategoria attività:Nessuna\nLivello:        Errore\nParole chiave:  Classico\nUtente:         N/D\nComputer:       PC1\nDescrizione:\ntesto\n",
    "de": "Protokollname: Application\nQuelle:        X\nDatum:         03.02.2006 10:21:49\nEreignis-ID:   7\nAufgabenkategorie:Keine\nEbene:         Fehler\nSchlüsselwörter:Klassisch\nBenutzer:      Nicht zutreffend\nComputer:      PC1\nBeschreibung:\ntesto\n",
    "fr": "Nom du journal\u00a0: Application\nSource\u00a0:        X\nDate\u00a0:          03/02/2006 10:21:49\nID de l'événement\u00a0: 7\nCatégorie de la tâche\u00a0: Aucun\nNiveau\u00a0:        Erreur\nMots clés\u00a0:     Classique\nUtilisateur\u00a0:   N/A\nOrdinateur\u00a0:    PC1\nDescription\u00a0:\ntesto\n",
    "es": "Nombre de registro:Application\nOrigen:        X\nFecha:         03/02/2006 10:21:49\nId. del evento:7\nCategoría de la tarea:Ninguno\nNivel:         Error\nPalabras clave:Clásico\nUsuario:       No disponible\nEquipo:        PC1\nDescripción:\ntesto\n",
    "pt": "Nome do Log:   Application\nFonte:         X\nData:          03/02/2006 10:21:49\nIdentificação do Evento:7\nCategoria da Tarefa:Nenhum\nNível:         Erro\nPalavras-chave:Clássico\nUsuário:       N/A\nComputador:    PC1\nDescrição:\ntesto\n",
}


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "copied.txt"
    path.write_bytes(text.encode(encoding))
    return path


def moments(read: reading.Read) -> list[str]:
    return [moment.isoformat() for moment in read.frame["time"].cast(pl.Datetime("us")).to_list()]


@pytest.mark.parametrize("layout", [OLD, NEW], ids=["2003", "vista"])
@pytest.mark.parametrize("language", ["it", "de", "fr", "es", "pt"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_languages(layout: dict[str, str], language: str, encoding: str, tmp_path: Path) -> None:
    read = reading.read(write(tmp_path, layout[language] * 2, encoding))
    assert read.format is EVENT_VIEWER_TEXT
    assert read.problems == ()
    first = read.frame.row(0, named=True)
    shown = {name: first[name] for name in ("provider", "event_id", "level", "computer", "user", "task", "message", "time_basis")}
    assert shown == {
        "provider": "X",
        "event_id": 7,
        "level": 2,
        "computer": "PC1",
        "user": None,
        "task": None,
        "message": "testo",
        "time_basis": 2,
    }
    assert moments(read) == ["2006-02-03T10:21:49"] * 2
    assert read.prepared.date_order.startswith("day first")


def test_english_labels_leave_the_date_open(tmp_path: Path) -> None:
    read = reading.read(write(tmp_path, EVENT_2003.replace("14/03/2006", "03/02/2006")))
    assert read.frame["time_basis"].to_list() == [3]
    assert read.prepared.date_order == "undecided: no date of the log has a part above 12; shown month first"


def test_the_system_time_beside_a_date_decides_its_order(tmp_path: Path) -> None:
    text = EVENT_VISTA.replace("5/21/2024 12:00:01 AM", "03/02/2024 00:00:01").replace("2024-05-20T22", "2024-02-02T22")
    plain = text.split("Event Xml:")[0]
    read = reading.read(write(tmp_path, text + "\n" + plain))
    assert read.prepared.date_order == "day first, as SystemTime 2024-02-02T22:00:01.500000000Z beside 03/02/2024 00:00:01 shows"
    assert moments(read) == ["2024-02-02T22:00:01.500000", "2024-02-03T00:00:01"]
    assert read.frame["time_basis"].to_list() == [1, 2]


def test_description_ends_at_the_closing_line_and_prose_behind_it_is_named(tmp_path: Path) -> None:
    text = f"Hello,\n\nplease look:\n\n{EVENT_2003}\nWe have seen this since Monday.\nRegards\n\n{EVENT_2003}"
    read = reading.read(write(tmp_path, text))
    assert read.frame["message"].to_list() == ["The header could not be understood."] * 2
    assert [(problem.position, problem.notice) for problem in read.problems] == [("lines 1 to 3", True), ("lines 20 to 21", True)]
    assert "We have seen this since Monday. Regards" in read.problems[1].reason
    assert ("Data", "Data:\n0000: 4d 00 69 00") in read.format.fields(read.raw(0))


def test_a_rule_within_a_description_is_part_of_it(tmp_path: Path) -> None:
    text = EVENT_2003.split("For more")[0].replace("understood.", "understood.\n----------\nDetails: none")
    read = reading.read(write(tmp_path, text + "\n-----------\n\n" + text))
    assert read.frame["message"].to_list() == ["The header could not be understood.\n----------\nDetails: none"] * 2
    assert read.problems == ()


def test_events_without_their_first_line(tmp_path: Path) -> None:
    cut = EVENT_VISTA.split("\n", 1)[1].split("Event Xml:")[0]
    read = reading.read(write(tmp_path, cut + "\n" + cut))
    assert read.frame["event_id"].to_list() == [4625, 4625]
    assert read.frame["message"].to_list() == ["An account failed to log on."] * 2


def test_double_spaced_labels(tmp_path: Path) -> None:
    head, description = EVENT_VISTA.split("Event Xml:")[0].split("Description:")
    read = reading.read(write(tmp_path, head.replace("\n", "\n\n") + "Description:\n" + description))
    assert read.frame["event_id"].to_list() == [4625]
    assert read.frame["computer"].to_list() == ["dc1.tailwind.example"]


def test_cut_event_xml_stays_in_the_message(tmp_path: Path) -> None:
    read = reading.read(write(tmp_path, EVENT_VISTA.split("<EventData>")[0]))
    assert read.frame["message"][0].startswith("An account failed to log on.\n\nEvent Xml:\n<Event xmlns=")
    assert moments(read) == ["2024-05-20T22:00:01.500000"]


def test_html_around_the_text_is_undone_once(tmp_path: Path) -> None:
    envelope = "<s:Envelope xmlns:s='u'><s:Body>a &amp; b</s:Body></s:Envelope>"
    plain = EVENT_2003.replace("The header could not be understood.", envelope)
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\t", "&nbsp;").replace("\n", "<BR>")
    page = f"<html><body><p>Some page</p>\n<DIV><FONT>E</FONT>{escaped[1:]}</DIV>\n<HR>\n<DIV>Last words</DIV></body></html>"
    read = reading.read(write(tmp_path, page))
    assert read.format is EVENT_VIEWER_TEXT
    assert read.frame["message"].to_list() == [envelope]
    assert etree.fromstring(read.frame["message"][0].encode())[0].text == "a & b"
    assert read.frame["computer"].to_list() == ["ORDSRV03"]
    assert read.raw(0).startswith("E</FONT>vent Type:&nbsp;Error<BR>")
    assert [problem.reason.split("“")[1].split("”")[0] for problem in read.problems] == ["Some page", "Last words"]


def test_the_bundled_sample() -> None:
    read = reading.read(resource_path("samples/session-manager.txt"))
    assert read.format is EVENT_VIEWER_TEXT
    assert read.frame["provider"].to_list() == ["Microsoft WSE 2.0", "SessionManagement"]
    assert moments(read) == ["2006-03-14T15:07:32"] * 2
    assert read.problems == ()
    message = read.frame["message"][0]
    root = etree.fromstring(message[message.index("<?xml") :].encode())
    assert etree.QName(root).localname == "Envelope"


def test_the_founding_log(shared: Path) -> None:
    (path,) = (shared / "seeds").glob("000*")
    read = reading.read(path)
    assert read.frame["provider"].to_list() == ["Microsoft WSE 2.0", "SessionManagement"]
    assert moments(read) == ["2006-01-26T10:21:49"] * 2
    assert read.frame["time_basis"].to_list() == [2, 2]
    message = read.frame["message"][0]
    root = etree.fromstring(message[message.index("<?xml") :].encode())
    assert "Int32& tokenCount" in "".join(str(part) for part in root.itertext())
    assert [problem.notice for problem in read.problems] == [True, True]

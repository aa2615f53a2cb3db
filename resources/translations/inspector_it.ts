<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="it" sourcelanguage="en">
<context>
    <name>AskBar</name>
    <message>
        <source>Cancel</source>
        <translation>Annulla</translation>
    </message>
    <message>
        <source>Ctrl+Enter keeps it</source>
        <translation>Ctrl+Invio la conserva</translation>
    </message>
    <message>
        <source>Question</source>
        <translation>Domanda</translation>
    </message>
</context>
<context>
    <name>CaseWork</name>
    <message>
        <source> and %d more</source>
        <translation> e altri %d</translation>
    </message>
    <message>
        <source>%s has changes that are not saved.</source>
        <translation>%s ha modifiche non salvate.</translation>
    </message>
    <message>
        <source>Bookmarks, notes or colours are not saved.</source>
        <translation>Segnalibri, note o colori non sono salvati.</translation>
    </message>
    <message>
        <source>Case saved to {path}; sources in it: {count}</source>
        <translation>Caso salvato in {path}; origini: {count}</translation>
    </message>
    <message>
        <source>Cases (*.inspection)</source>
        <translation>Casi (*.inspection)</translation>
    </message>
    <message>
        <source>Changed since the case was saved; marks may stand at other events: %s</source>
        <translation>Cambiati dopo il salvataggio del caso; i segni possono stare su altri eventi: %s</translation>
    </message>
    <message>
        <source>Go on without saving</source>
        <translation>Continua senza salvare</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>Più tardi</translation>
    </message>
    <message>
        <source>Look in a folder…</source>
        <translation>Cerca in una cartella…</translation>
    </message>
    <message>
        <source>Not where they were, nor beside the case: %s. What was marked in them is kept until they are found.</source>
        <translation>Non sono dov'erano né accanto al caso: %s. Ciò che vi era segnato resta conservato finché non si trovano.</translation>
    </message>
    <message>
        <source>On another machine, so not read for this case; add them again to use them: %s</source>
        <translation>Su un'altra macchina, quindi non letti per questo caso; per usarli aggiungerli di nuovo: %s</translation>
    </message>
    <message>
        <source>Open case</source>
        <translation>Apri caso</translation>
    </message>
    <message>
        <source>Opening the case</source>
        <translation>Apertura del caso</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Salva</translation>
    </message>
    <message>
        <source>Save case</source>
        <translation>Salva caso</translation>
    </message>
    <message>
        <source>Saving the case</source>
        <translation>Salvataggio del caso</translation>
    </message>
    <message>
        <source>Stay</source>
        <translation>Resta</translation>
    </message>
    <message>
        <source>There is nothing open to save.</source>
        <translation>Non c'è nulla di aperto da salvare.</translation>
    </message>
    <message>
        <source>Where the missing logs are</source>
        <translation>Dove sono i log mancanti</translation>
    </message>
</context>
<context>
    <name>CodeView</name>
    <message>
        <source>Close find</source>
        <translation>Chiudi la ricerca</translation>
    </message>
    <message>
        <source>Copy as laid out</source>
        <translation>Copia come impaginato</translation>
    </message>
    <message>
        <source>Copy as the log holds it</source>
        <translation>Copia come nel log</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Trova</translation>
    </message>
    <message>
        <source>Find in this pane (Ctrl+F)</source>
        <translation>Trova in questo riquadro (Ctrl+F)</translation>
    </message>
    <message>
        <source>Fold everything, or show everything</source>
        <translation>Comprimi tutto, o mostra tutto</translation>
    </message>
    <message>
        <source>Next find</source>
        <translation>Trova successivo</translation>
    </message>
    <message>
        <source>Place in the document</source>
        <translation>Posizione nel documento</translation>
    </message>
    <message>
        <source>Previous find</source>
        <translation>Trova precedente</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>Salva</translation>
    </message>
    <message>
        <source>Save…</source>
        <translation>Salva…</translation>
    </message>
    <message>
        <source>Show secrets</source>
        <translation>Mostra i segreti</translation>
    </message>
    <message>
        <source>none</source>
        <translation>nessuno</translation>
    </message>
    <message>
        <source>… the rest is left out here; Copy and Save give all of it</source>
        <translation>… il resto qui è omesso; Copia e Salva danno tutto</translation>
    </message>
</context>
<context>
    <name>Column</name>
    <message>
        <source>Activity ID</source>
        <translation>ID attività</translation>
    </message>
    <message>
        <source>Cause</source>
        <translation>Causa</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Canale</translation>
    </message>
    <message>
        <source>Computer</source>
        <translation>Computer</translation>
    </message>
    <message>
        <source>Event ID</source>
        <translation>ID evento</translation>
    </message>
    <message>
        <source>Flags</source>
        <translation>Segnali</translation>
    </message>
    <message>
        <source>Keywords</source>
        <translation>Parole chiave</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Lunghezza</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Livello</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Messaggio</translation>
    </message>
    <message>
        <source>Message from</source>
        <translation>Origine del messaggio</translation>
    </message>
    <message>
        <source>Offset</source>
        <translation>Offset</translation>
    </message>
    <message>
        <source>Provider</source>
        <translation>Provider</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Record</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Origine</translation>
    </message>
    <message>
        <source>Task</source>
        <translation>Attività</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Ora</translation>
    </message>
    <message>
        <source>Time basis</source>
        <translation>Base dell'ora</translation>
    </message>
    <message>
        <source>User</source>
        <translation>Utente</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Copy report</source>
        <translation>Copia il rapporto</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Rapporto</translation>
    </message>
    <message>
        <source>Something went wrong in the program</source>
        <translation>Qualcosa è andato storto nel programma</translation>
    </message>
    <message>
        <source>The window goes on, but this one action did not finish. The report holds no log content and is sent nowhere; copy it to whoever looks after the program.</source>
        <translation>La finestra continua a funzionare, ma questa operazione non è stata completata. Il rapporto non contiene nulla dei log e non viene inviato a nessuno; copialo per chi si occupa del programma.</translation>
    </message>
</context>
<context>
    <name>DetailPane</name>
    <message>
        <source>Detail at the bottom</source>
        <translation>Dettaglio in basso</translation>
    </message>
    <message>
        <source>Detail at the right</source>
        <translation>Dettaglio a destra</translation>
    </message>
    <message>
        <source>Detail of the event</source>
        <translation>Dettaglio dell'evento</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnosi</translation>
    </message>
    <message>
        <source>Envelope</source>
        <translation>Envelope</translation>
    </message>
    <message>
        <source>Fields</source>
        <translation>Campi</translation>
    </message>
    <message>
        <source>Finding %s</source>
        <translation>Riscontro %s</translation>
    </message>
    <message>
        <source>Go to the finding</source>
        <translation>Vai al riscontro</translation>
    </message>
    <message>
        <source>Looking into the event…</source>
        <translation>Esame dell’evento…</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Messaggio</translation>
    </message>
    <message>
        <source>Part of the message</source>
        <translation>Parte del messaggio</translation>
    </message>
    <message>
        <source>Raw</source>
        <translation>Originale</translation>
    </message>
    <message>
        <source>Select an event to look into it.</source>
        <translation>Seleziona un evento per esaminarlo.</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Che cosa è successo</translation>
    </message>
    <message>
        <source>Which event</source>
        <translation>Quale evento</translation>
    </message>
    <message>
        <source>Whole message</source>
        <translation>Messaggio intero</translation>
    </message>
    <message>
        <source>built from the event's data by our template</source>
        <translation>composto dai dati dell'evento con un nostro modello</translation>
    </message>
    <message>
        <source>event %d</source>
        <translation>evento %d</translation>
    </message>
    <message>
        <source>from the display information saved with the log</source>
        <translation>dalle informazioni di visualizzazione salvate con il log</translation>
    </message>
    <message>
        <source>rendered by the machine that wrote or forwarded it</source>
        <translation>testo reso dal computer che ha scritto o inoltrato l'evento</translation>
    </message>
    <message>
        <source>the log holds no text: the event's data</source>
        <translation>il log non contiene testo: i dati dell'evento</translation>
    </message>
</context>
<context>
    <name>DiagnosisView</name>
    <message>
        <source>%s ahead</source>
        <translation>avanti di %s</translation>
    </message>
    <message>
        <source>%s behind</source>
        <translation>indietro di %s</translation>
    </message>
    <message>
        <source>%s: right</source>
        <translation>%s: giusto</translation>
    </message>
    <message>
        <source>Advice on what was seen</source>
        <translation>Consigli su ciò che si è visto</translation>
    </message>
    <message>
        <source>Ask for: %s</source>
        <translation>Chiedere: %s</translation>
    </message>
    <message>
        <source>Clocks</source>
        <translation>Orologi</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnosi</translation>
    </message>
    <message>
        <source>Or: %s</source>
        <translation>Oppure: %s</translation>
    </message>
    <message>
        <source>Show in %s</source>
        <translation>Mostra in %s</translation>
    </message>
    <message>
        <source>Show in the log</source>
        <translation>Mostra nel log</translation>
    </message>
    <message>
        <source>Show its %s events</source>
        <translation>Mostra i suoi %s eventi</translation>
    </message>
    <message>
        <source>Show its event</source>
        <translation>Mostra il suo evento</translation>
    </message>
    <message>
        <source>Show the evidence: %s</source>
        <translation>Mostra la prova: %s</translation>
    </message>
    <message>
        <source>Speaks against it</source>
        <translation>A sfavore</translation>
    </message>
    <message>
        <source>Speaks for it</source>
        <translation>A favore</translation>
    </message>
    <message>
        <source>What another setting would change</source>
        <translation>Che cosa cambierebbe con un'altra impostazione</translation>
    </message>
    <message>
        <source>What this log can and cannot answer</source>
        <translation>Che cosa questo log può e non può dire</translation>
    </message>
    <message>
        <source>What to do next</source>
        <translation>Che cosa fare ora</translation>
    </message>
    <message>
        <source>Would settle it</source>
        <translation>Lo confermerebbe</translation>
    </message>
    <message>
        <source>confidence: %s</source>
        <translation>certezza: %s</translation>
    </message>
    <message>
        <source>{setting} {value}: {passed} of {all} refused messages would have passed</source>
        <translation>{setting} {value}: {passed} di {all} messaggi rifiutati sarebbero passati</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Counting</source>
        <translation>Conteggio</translation>
    </message>
    <message>
        <source>Diagnosing</source>
        <translation>Diagnosi</translation>
    </message>
    <message>
        <source>Fetching rows</source>
        <translation>Lettura delle righe</translation>
    </message>
    <message>
        <source>Filtering</source>
        <translation>Filtro</translation>
    </message>
    <message>
        <source>Looking into the event</source>
        <translation>Esame dell'evento</translation>
    </message>
    <message>
        <source>Opening</source>
        <translation>Apertura</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Avvio</translation>
    </message>
    <message>
        <source>Supplying keys and rules</source>
        <translation>Lettura di chiavi e regole</translation>
    </message>
</context>
<context>
    <name>EventTable</name>
    <message>
        <source>Columns</source>
        <translation>Colonne</translation>
    </message>
    <message>
        <source>Events</source>
        <translation>Eventi</translation>
    </message>
</context>
<context>
    <name>ExportSheet</name>
    <message>
        <source>Close</source>
        <translation>Chiudi</translation>
    </message>
    <message>
        <source>Export report</source>
        <translation>Esporta il rapporto</translation>
    </message>
    <message>
        <source>Findings: {findings} · events in full: {shown} · events read: {total} · notes: {notes}</source>
        <translation>Riscontri: {findings} · eventi per intero: {shown} · eventi letti: {total} · note: {notes}</translation>
    </message>
    <message>
        <source>Gathering what the report will hold…</source>
        <translation>Raccolta del contenuto del rapporto…</translation>
    </message>
    <message>
        <source>Kinds of value that stay in clear: %s</source>
        <translation>Tipi di valore che restano in chiaro: %s</translation>
    </message>
    <message>
        <source>Replace nothing: only where the reader may see every secret</source>
        <translation>Non sostituire nulla: solo se chi legge può vedere ogni segreto</translation>
    </message>
    <message>
        <source>Replace passwords, tokens, signatures and keys</source>
        <translation>Sostituisci password, token, firme e chiavi</translation>
    </message>
    <message>
        <source>Replace user names, hosts, addresses and mail addresses too</source>
        <translation>Sostituisci anche nomi utente, host, indirizzi e indirizzi e-mail</translation>
    </message>
    <message>
        <source>Save report…</source>
        <translation>Salva rapporto…</translation>
    </message>
    <message>
        <source>Values replaced: %s</source>
        <translation>Valori sostituiti: %s</translation>
    </message>
    <message>
        <source>What is replaced and what stays</source>
        <translation>Che cosa viene sostituito e che cosa resta</translation>
    </message>
    <message>
        <source>What the report holds</source>
        <translation>Che cosa contiene il rapporto</translation>
    </message>
    <message>
        <source>{kind}  values: {values}, such as {example}</source>
        <translation>{kind}  valori: {values}, per esempio {example}</translation>
    </message>
    <message>
        <source>{pseudonym}  characters: {length}, times: {times}</source>
        <translation>{pseudonym}  caratteri: {length}, volte: {times}</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>%s rows copied</source>
        <translation>%s righe copiate</translation>
    </message>
    <message>
        <source>, the first of %s</source>
        <translation>, le prime di %s</translation>
    </message>
    <message>
        <source>Copying</source>
        <translation>Copia</translation>
    </message>
    <message>
        <source>Export report</source>
        <translation>Esporta il rapporto</translation>
    </message>
    <message>
        <source>Looking for secrets</source>
        <translation>Ricerca dei segreti</translation>
    </message>
    <message>
        <source>One row copied</source>
        <translation>Una riga copiata</translation>
    </message>
    <message>
        <source>One row saved to {path}</source>
        <translation>Una riga salvata in {path}</translation>
    </message>
    <message>
        <source>Report with one finding written to {path}</source>
        <translation>Rapporto con un riscontro scritto in {path}</translation>
    </message>
    <message>
        <source>Report with {count} findings written to {path}</source>
        <translation>Rapporto con {count} riscontri scritto in {path}</translation>
    </message>
    <message>
        <source>Save the %s rows shown</source>
        <translation>Salva le %s righe mostrate</translation>
    </message>
    <message>
        <source>Save the one row shown</source>
        <translation>Salva l'unica riga mostrata</translation>
    </message>
    <message>
        <source>Saving rows</source>
        <translation>Salvataggio delle righe</translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation>Scrittura del rapporto</translation>
    </message>
    <message>
        <source>{count} rows saved to {path}</source>
        <translation>{count} righe salvate in {path}</translation>
    </message>
</context>
<context>
    <name>FacetRow</name>
    <message>
        <source>(none)</source>
        <translation>(nessuno)</translation>
    </message>
    <message>
        <source>Hide these</source>
        <translation>Nascondi questi</translation>
    </message>
    <message>
        <source>Show only these</source>
        <translation>Mostra solo questi</translation>
    </message>
</context>
<context>
    <name>FacetsPanel</name>
    <message>
        <source>%d more</source>
        <translation>altri %d</translation>
    </message>
    <message>
        <source>%s: show or hide values</source>
        <translation>%s: mostra o nascondi i valori</translation>
    </message>
    <message>
        <source>Facets</source>
        <translation>Valori</translation>
    </message>
</context>
<context>
    <name>FieldsView</name>
    <message>
        <source>Columns</source>
        <translation>Colonne</translation>
    </message>
    <message>
        <source>Copy name and value</source>
        <translation>Copia nome e valore</translation>
    </message>
    <message>
        <source>Copy value</source>
        <translation>Copia il valore</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>Campo</translation>
    </message>
    <message>
        <source>Fields</source>
        <translation>Campi</translation>
    </message>
    <message>
        <source>Hide events with this value</source>
        <translation>Nascondi gli eventi con questo valore</translation>
    </message>
    <message>
        <source>Show only events with this value</source>
        <translation>Mostra solo gli eventi con questo valore</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Valore</translation>
    </message>
</context>
<context>
    <name>FilterBar</name>
    <message>
        <source>1 event</source>
        <translation>1 evento</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>Cancella il filtro</translation>
    </message>
    <message>
        <source>Events shown</source>
        <translation>Eventi mostrati</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>Filtro</translation>
    </message>
    <message>
        <source>Filter: words, "a phrase", level:error, id:4625, cause:expired, time:10:20..10:25</source>
        <translation>Filtro: parole, "una frase", level:error, id:4625, cause:expired, time:10:20..10:25</translation>
    </message>
    <message>
        <source>Next filter</source>
        <translation>Filtro successivo</translation>
    </message>
    <message>
        <source>Previous filter</source>
        <translation>Filtro precedente</translation>
    </message>
    <message>
        <source>Saved filters</source>
        <translation>Filtri salvati</translation>
    </message>
    <message>
        <source>{count} damaged</source>
        <translation>{count} danneggiati</translation>
    </message>
    <message>
        <source>{shown} of {total}</source>
        <translation>{shown} di {total}</translation>
    </message>
    <message>
        <source>{total} events</source>
        <translation>{total} eventi</translation>
    </message>
</context>
<context>
    <name>FilterTerms</name>
    <message>
        <source>Bookmarks</source>
        <translation>Segnalibri</translation>
    </message>
    <message>
        <source>Envelopes</source>
        <translation>Buste</translation>
    </message>
    <message>
        <source>Refused tokens</source>
        <translation>Token rifiutati</translation>
    </message>
    <message>
        <source>Remove %s from the filter</source>
        <translation>Togli %s dal filtro</translation>
    </message>
    <message>
        <source>Show only: %s</source>
        <translation>Mostra solo: %s</translation>
    </message>
    <message>
        <source>Stack traces</source>
        <translation>Stack trace</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Avvisi ed errori</translation>
    </message>
    <message>
        <source>and %s more</source>
        <translation>e altri %s</translation>
    </message>
</context>
<context>
    <name>FindingsPanel</name>
    <message>
        <source>1 event</source>
        <translation>1 evento</translation>
    </message>
    <message>
        <source>Export report…</source>
        <translation>Esporta il rapporto…</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Riscontri</translation>
    </message>
    <message>
        <source>No refused token found in what is open.</source>
        <translation>Nessun token rifiutato in ciò che è aperto.</translation>
    </message>
    <message>
        <source>Open a log to see why tokens were refused.</source>
        <translation>Apri un log per vedere perché i token sono stati rifiutati.</translation>
    </message>
    <message>
        <source>Still looking. More may come, and these may change.</source>
        <translation>Ricerca in corso. Possono arrivarne altri e questi possono cambiare.</translation>
    </message>
    <message>
        <source>no time known</source>
        <translation>ora sconosciuta</translation>
    </message>
    <message>
        <source>{count} events</source>
        <translation>{count} eventi</translation>
    </message>
</context>
<context>
    <name>Foot</name>
    <message>
        <source>Cancel reading</source>
        <translation>Interrompi la lettura</translation>
    </message>
    <message>
        <source>Notice</source>
        <translation>Avviso</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Avanzamento</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Stato</translation>
    </message>
    <message>
        <source>Time zone shown</source>
        <translation>Fuso orario mostrato</translation>
    </message>
    <message>
        <source>Times as logged</source>
        <translation>Ore come nel log</translation>
    </message>
    <message>
        <source>Times in UTC</source>
        <translation>Ore in UTC</translation>
    </message>
    <message>
        <source>Times of this machine</source>
        <translation>Ore di questo computer</translation>
    </message>
</context>
<context>
    <name>HostClockChart</name>
    <message>
        <source>Clock of %s</source>
        <translation>Orologio di %s</translation>
    </message>
</context>
<context>
    <name>House</name>
    <message>
        <source>The language can be changed when reading has ended.</source>
        <translation>La lingua si può cambiare quando la lettura è finita.</translation>
    </message>
</context>
<context>
    <name>KeysSheet</name>
    <message>
        <source> seconds</source>
        <translation> secondi</translation>
    </message>
    <message>
        <source>Add a file</source>
        <translation>Aggiungi un file</translation>
    </message>
    <message>
        <source>Allowed clock skew</source>
        <translation>Scarto d'orologio ammesso</translation>
    </message>
    <message>
        <source>Audience</source>
        <translation>Destinatario</translation>
    </message>
    <message>
        <source>Checks of the event shown: {passed} passed, {failed} failed, {not_possible} not possible</source>
        <translation>Controlli dell'evento mostrato: {passed} superati, {failed} falliti, {not_possible} non possibili</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Chiudi</translation>
    </message>
    <message>
        <source>Files supplied</source>
        <translation>File forniti</translation>
    </message>
    <message>
        <source>Issuer</source>
        <translation>Emittente</translation>
    </message>
    <message>
        <source>Keys and rules</source>
        <translation>Chiavi e regole</translation>
    </message>
    <message>
        <source>Keys or metadata</source>
        <translation>Chiavi o metadati</translation>
    </message>
    <message>
        <source>Keys or metadata (PEM, DER, JWKS, metadata XML)…</source>
        <translation>Chiavi o metadati (PEM, DER, JWKS, XML di metadati)…</translation>
    </message>
    <message>
        <source>No file yet. Drop files here, or add one below.</source>
        <translation>Ancora nessun file. Trascina qui i file o aggiungine uno qui sotto.</translation>
    </message>
    <message>
        <source>Passwords</source>
        <translation>Password</translation>
    </message>
    <message>
        <source>Passwords (one user:password a line)…</source>
        <translation>Password (un utente:password per riga)…</translation>
    </message>
    <message>
        <source>Revocation list (CRL, or one serial number or jti a line)…</source>
        <translation>Lista di revoca (CRL, oppure un numero di serie o jti per riga)…</translation>
    </message>
    <message>
        <source>Revoked</source>
        <translation>Revocati</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Regole</translation>
    </message>
    <message>
        <source>Rules of your own (TOML)…</source>
        <translation>Regole proprie (TOML)…</translation>
    </message>
    <message>
        <source>Shared secret</source>
        <translation>Segreto condiviso</translation>
    </message>
    <message>
        <source>Shared secret (HS256 and its kin)…</source>
        <translation>Segreto condiviso (HS256 e simili)…</translation>
    </message>
    <message>
        <source>Take %s away</source>
        <translation>Togli %s</translation>
    </message>
    <message>
        <source>The event shown holds no token to check.</source>
        <translation>L'evento mostrato non contiene token da controllare.</translation>
    </message>
    <message>
        <source>What the checks say</source>
        <translation>Esito dei controlli</translation>
    </message>
    <message>
        <source>With the keys and lists of the service, signatures, issuers and revocation can be checked. Files are read here and sent nowhere; a case keeps their paths, not their content.</source>
        <translation>Con le chiavi e le liste del servizio si possono controllare firme, emittenti e revoche. I file si leggono qui e non vengono inviati; un caso ne conserva i percorsi, non il contenuto.</translation>
    </message>
    <message>
        <source>as the software allows by itself</source>
        <translation>quanto ammette il software stesso</translation>
    </message>
    <message>
        <source>what the service expects, such as api://orders; several with spaces</source>
        <translation>ciò che il servizio si aspetta, come api://orders; più d'uno con spazi</translation>
    </message>
    <message>
        <source>who the service trusts; several with spaces</source>
        <translation>di chi si fida il servizio; più d'uno con spazi</translation>
    </message>
</context>
<context>
    <name>Level</name>
    <message>
        <source>Audit failure</source>
        <translation>Controllo non riuscito</translation>
    </message>
    <message>
        <source>Audit success</source>
        <translation>Controllo riuscito</translation>
    </message>
    <message>
        <source>Critical</source>
        <translation>Critico</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Errore</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>Informazione</translation>
    </message>
    <message>
        <source>Unknown</source>
        <translation>Sconosciuto</translation>
    </message>
    <message>
        <source>Verbose</source>
        <translation>Dettagliato</translation>
    </message>
    <message>
        <source>Warning</source>
        <translation>Avviso</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>%d files could not be read: see Sources.</source>
        <translation>%d file non si sono potuti leggere: vedi Origini.</translation>
    </message>
    <message>
        <source>%s: nothing that could be an event was found in it.</source>
        <translation>%s: non contiene nulla che possa essere un evento.</translation>
    </message>
    <message>
        <source>Clear the filter</source>
        <translation>Cancella il filtro</translation>
    </message>
    <message>
        <source>Diagnosing…</source>
        <translation>Diagnosi in corso…</translation>
    </message>
    <message>
        <source>Keep note</source>
        <translation>Conserva la nota</translation>
    </message>
    <message>
        <source>Looking for refused tokens…</source>
        <translation>Ricerca di token rifiutati…</translation>
    </message>
    <message>
        <source>Name of the filter</source>
        <translation>Nome del filtro</translation>
    </message>
    <message>
        <source>New case</source>
        <translation>Nuovo caso</translation>
    </message>
    <message>
        <source>No event matches the filter.</source>
        <translation>Nessun evento corrisponde al filtro.</translation>
    </message>
    <message>
        <source>Note on this event</source>
        <translation>Nota su questo evento</translation>
    </message>
    <message>
        <source>Save filter</source>
        <translation>Salva il filtro</translation>
    </message>
    <message>
        <source>There is no filter to save.</source>
        <translation>Non c'è un filtro da salvare.</translation>
    </message>
    <message>
        <source>Time zone of %s, as its offset from UTC, such as +05:30</source>
        <translation>Fuso orario di %s, come scarto da UTC, per esempio +05:30</translation>
    </message>
    <message>
        <source>Token Log Inspector</source>
        <translation>Token Log Inspector</translation>
    </message>
    <message>
        <source>Use this zone</source>
        <translation>Usa questo fuso</translation>
    </message>
    <message>
        <source>set by you</source>
        <translation>impostato da te</translation>
    </message>
    <message>
        <source>“%s” is no offset from UTC; write it as +05:30.</source>
        <translation>«%s» non è uno scarto da UTC; scriverlo come +05:30.</translation>
    </message>
</context>
<context>
    <name>Menus</name>
    <message>
        <source>&amp;Bookmark</source>
        <translation>Segnali&amp;bro</translation>
    </message>
    <message>
        <source>&amp;Columns</source>
        <translation>&amp;Colonne</translation>
    </message>
    <message>
        <source>&amp;Copy rows</source>
        <translation>&amp;Copia le righe</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Scuro</translation>
    </message>
    <message>
        <source>&amp;Detail at the right or bottom</source>
        <translation>&amp;Dettaglio a destra o in basso</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Modifica</translation>
    </message>
    <message>
        <source>&amp;Export report…</source>
        <translation>Esporta il rapport&amp;o…</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;File</translation>
    </message>
    <message>
        <source>&amp;Filter</source>
        <translation>&amp;Filtro</translation>
    </message>
    <message>
        <source>&amp;Follow growing logs</source>
        <translation>Se&amp;gui i log che crescono</translation>
    </message>
    <message>
        <source>&amp;Go</source>
        <translation>Va&amp;i</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Aiuto</translation>
    </message>
    <message>
        <source>&amp;Keyboard shortcuts</source>
        <translation>&amp;Scorciatoie da tastiera</translation>
    </message>
    <message>
        <source>&amp;Keys and rules…</source>
        <translation>C&amp;hiavi e regole…</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Chiaro</translation>
    </message>
    <message>
        <source>&amp;Next filter</source>
        <translation>Filtro success&amp;ivo</translation>
    </message>
    <message>
        <source>&amp;Open files…</source>
        <translation>&amp;Apri file…</translation>
    </message>
    <message>
        <source>&amp;Overview</source>
        <translation>&amp;Panoramica</translation>
    </message>
    <message>
        <source>&amp;Paste log text</source>
        <translation>&amp;Incolla testo di log</translation>
    </message>
    <message>
        <source>&amp;Previous filter</source>
        <translation>Filtro &amp;precedente</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>Esci</translation>
    </message>
    <message>
        <source>&amp;Recent</source>
        <translation>&amp;Recenti</translation>
    </message>
    <message>
        <source>&amp;Save this filter…</source>
        <translation>&amp;Salva questo filtro…</translation>
    </message>
    <message>
        <source>&amp;Side bar</source>
        <translation>&amp;Barra laterale</translation>
    </message>
    <message>
        <source>&amp;Usual text size</source>
        <translation>Testo &amp;normale</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Visualizza</translation>
    </message>
    <message>
        <source>As the &amp;system</source>
        <translation>Come il sis&amp;tema</translation>
    </message>
    <message>
        <source>C&amp;lear filter</source>
        <translation>Cance&amp;lla il filtro</translation>
    </message>
    <message>
        <source>Co&amp;lours</source>
        <translation>C&amp;olori</translation>
    </message>
    <message>
        <source>Diagnosis</source>
        <translation>Diagnosi</translation>
    </message>
    <message>
        <source>E&amp;vent table</source>
        <translation>Tabella degli e&amp;venti</translation>
    </message>
    <message>
        <source>Fields</source>
        <translation>Campi</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Dimentica</translation>
    </message>
    <message>
        <source>Forget every highlight rule</source>
        <translation>Dimentica tutte le regole di evidenziazione</translation>
    </message>
    <message>
        <source>Highlight what this filter matches</source>
        <translation>Evidenzia ciò che corrisponde al filtro</translation>
    </message>
    <message>
        <source>Lan&amp;guage</source>
        <translation>&amp;Lingua</translation>
    </message>
    <message>
        <source>Larger te&amp;xt</source>
        <translation>Testo più &amp;grande</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Messaggio</translation>
    </message>
    <message>
        <source>N&amp;ote…</source>
        <translation>&amp;Nota…</translation>
    </message>
    <message>
        <source>Ne&amp;w case</source>
        <translation>&amp;Nuovo caso</translation>
    </message>
    <message>
        <source>Next &amp;bookmark</source>
        <translation>Segnali&amp;bro successivo</translation>
    </message>
    <message>
        <source>Next &amp;error</source>
        <translation>&amp;Errore successivo</translation>
    </message>
    <message>
        <source>Next &amp;match in the pane</source>
        <translation>&amp;Trova successivo nel riquadro</translation>
    </message>
    <message>
        <source>Open &amp;case…</source>
        <translation>Apri ca&amp;so…</translation>
    </message>
    <message>
        <source>Open &amp;instead…</source>
        <translation>Apri al &amp;posto di questi…</translation>
    </message>
    <message>
        <source>Open fo&amp;lder…</source>
        <translation>Apri &amp;cartella…</translation>
    </message>
    <message>
        <source>Open the &amp;sample</source>
        <translation>Apri l'es&amp;empio</translation>
    </message>
    <message>
        <source>Previous b&amp;ookmark</source>
        <translation>Se&amp;gnalibro precedente</translation>
    </message>
    <message>
        <source>Previous e&amp;rror</source>
        <translation>Errore pre&amp;cedente</translation>
    </message>
    <message>
        <source>Previous m&amp;atch in the pane</source>
        <translation>Trova precedente nel ri&amp;quadro</translation>
    </message>
    <message>
        <source>Raw</source>
        <translation>Originale</translation>
    </message>
    <message>
        <source>Rea&amp;d again</source>
        <translation>Ri&amp;leggi</translation>
    </message>
    <message>
        <source>S&amp;maller text</source>
        <translation>Testo più p&amp;iccolo</translation>
    </message>
    <message>
        <source>Sa&amp;ve case</source>
        <translation>Sal&amp;va caso</translation>
    </message>
    <message>
        <source>Save case &amp;as…</source>
        <translation>Salva caso con no&amp;me…</translation>
    </message>
    <message>
        <source>Save s&amp;hown rows…</source>
        <translation>Salva le righe mos&amp;trate…</translation>
    </message>
    <message>
        <source>Save this filter…</source>
        <translation>Salva questo filtro…</translation>
    </message>
    <message>
        <source>To &amp;time…</source>
        <translation>A un'&amp;ora…</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
</context>
<context>
    <name>Navigation</name>
    <message>
        <source>Go to time</source>
        <translation>Vai a un'ora</translation>
    </message>
    <message>
        <source>Going to a time</source>
        <translation>Ricerca dell'ora</translation>
    </message>
    <message>
        <source>Looking for errors</source>
        <translation>Ricerca di errori</translation>
    </message>
    <message>
        <source>No event at or after that time.</source>
        <translation>Nessun evento a quell'ora o dopo.</translation>
    </message>
    <message>
        <source>No further error.</source>
        <translation>Nessun altro errore.</translation>
    </message>
    <message>
        <source>Time (%s), such as 10:21 or 2026-01-26 10:21:49</source>
        <translation>Ora (%s), per esempio 10:21 o 2026-01-26 10:21:49</translation>
    </message>
    <message>
        <source>“%s” is no time that can be understood.</source>
        <translation>«%s» non è un'ora comprensibile.</translation>
    </message>
</context>
<context>
    <name>Opening</name>
    <message>
        <source>%s was cut or begun anew; it is read again.</source>
        <translation>%s è stato troncato o ricominciato; viene riletto.</translation>
    </message>
    <message>
        <source>Marks of %s events went with the log.</source>
        <translation>I segni di %s eventi sono andati via con il log.</translation>
    </message>
    <message>
        <source>Nothing here can be read again from a file.</source>
        <translation>Qui nulla si può rileggere da un file.</translation>
    </message>
    <message>
        <source>One case is open at a time; %s was not opened.</source>
        <translation>Si apre un caso alla volta; %s non è stato aperto.</translation>
    </message>
    <message>
        <source>Open files</source>
        <translation>Apri file</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Apri cartella</translation>
    </message>
    <message>
        <source>Open instead</source>
        <translation>Apri al posto di questi</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>Lettura…</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Avvio…</translation>
    </message>
    <message>
        <source>There is no text on the clipboard.</source>
        <translation>Negli appunti non c'è testo.</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Events over time</source>
        <translation>Eventi nel tempo</translation>
    </message>
    <message>
        <source>no events</source>
        <translation>nessun evento</translation>
    </message>
    <message>
        <source>{count} events from {start} to {end} UTC</source>
        <translation>{count} eventi da {start} a {end} UTC</translation>
    </message>
</context>
<context>
    <name>RowMenu</name>
    <message>
        <source>5 minutes around this</source>
        <translation>5 minuti prima e dopo</translation>
    </message>
    <message>
        <source>Blue</source>
        <translation>Blu</translation>
    </message>
    <message>
        <source>Bookmark</source>
        <translation>Segnalibro</translation>
    </message>
    <message>
        <source>Cell</source>
        <translation>Cella</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Copia</translation>
    </message>
    <message>
        <source>Copy (%s rows selected)</source>
        <translation>Copia (%s righe selezionate)</translation>
    </message>
    <message>
        <source>Events related to this</source>
        <translation>Eventi legati a questo</translation>
    </message>
    <message>
        <source>Green</source>
        <translation>Verde</translation>
    </message>
    <message>
        <source>Hide %s</source>
        <translation>Nascondi %s</translation>
    </message>
    <message>
        <source>Highlight</source>
        <translation>Evidenzia</translation>
    </message>
    <message>
        <source>Highlighting</source>
        <translation>Evidenziazione</translation>
    </message>
    <message>
        <source>Looking for related events</source>
        <translation>Ricerca degli eventi legati</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Nessuno</translation>
    </message>
    <message>
        <source>Note…</source>
        <translation>Nota…</translation>
    </message>
    <message>
        <source>Only after this</source>
        <translation>Solo dopo questo</translation>
    </message>
    <message>
        <source>Only before this</source>
        <translation>Solo prima di questo</translation>
    </message>
    <message>
        <source>Red</source>
        <translation>Rosso</translation>
    </message>
    <message>
        <source>Remove bookmark</source>
        <translation>Togli il segnalibro</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>Righe</translation>
    </message>
    <message>
        <source>Rows as Event Viewer text</source>
        <translation>Righe come testo del Visualizzatore eventi</translation>
    </message>
    <message>
        <source>Rows as JSON</source>
        <translation>Righe come JSON</translation>
    </message>
    <message>
        <source>Rows as Markdown</source>
        <translation>Righe come Markdown</translation>
    </message>
    <message>
        <source>Rows as XML</source>
        <translation>Righe come XML</translation>
    </message>
    <message>
        <source>Same activity</source>
        <translation>Stessa attività</translation>
    </message>
    <message>
        <source>Same conversation</source>
        <translation>Stessa conversazione</translation>
    </message>
    <message>
        <source>Same correlation ID</source>
        <translation>Stesso ID di correlazione</translation>
    </message>
    <message>
        <source>Same token</source>
        <translation>Stesso token</translation>
    </message>
    <message>
        <source>Show only %s</source>
        <translation>Mostra solo %s</translation>
    </message>
    <message>
        <source>This event holds no message ID.</source>
        <translation>Questo evento non contiene un ID di messaggio.</translation>
    </message>
    <message>
        <source>This event holds no token.</source>
        <translation>Questo evento non contiene token.</translation>
    </message>
    <message>
        <source>This event prints no correlation ID.</source>
        <translation>Questo evento non riporta un ID di correlazione.</translation>
    </message>
    <message>
        <source>Yellow</source>
        <translation>Giallo</translation>
    </message>
</context>
<context>
    <name>ShortcutSheet</name>
    <message>
        <source>Close</source>
        <translation>Chiudi</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Scorciatoie da tastiera</translation>
    </message>
</context>
<context>
    <name>ShownRows</name>
    <message>
        <source>%s between first and last</source>
        <translation>%s tra il primo e l'ultimo</translation>
    </message>
    <message>
        <source>%s selected</source>
        <translation>%s selezionati</translation>
    </message>
</context>
<context>
    <name>SideBar</name>
    <message>
        <source>Facets</source>
        <translation>Valori</translation>
    </message>
    <message>
        <source>Findings</source>
        <translation>Riscontri</translation>
    </message>
    <message>
        <source>Side bar</source>
        <translation>Barra laterale</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Origini</translation>
    </message>
</context>
<context>
    <name>SourcesPanel</name>
    <message>
        <source>Close</source>
        <translation>Chiudi</translation>
    </message>
    <message>
        <source>Leave %s out of the case</source>
        <translation>Escludi %s dal caso</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Escludi</translation>
    </message>
    <message>
        <source>Look in a folder…</source>
        <translation>Cerca in una cartella…</translation>
    </message>
    <message>
        <source>Not found; its marks are kept in the case.</source>
        <translation>Non trovato; i suoi segni restano nel caso.</translation>
    </message>
    <message>
        <source>Other…</source>
        <translation>Altro…</translation>
    </message>
    <message>
        <source>Read again</source>
        <translation>Rileggi</translation>
    </message>
    <message>
        <source>Read as</source>
        <translation>Leggi come</translation>
    </message>
    <message>
        <source>Show only this source</source>
        <translation>Mostra solo questa origine</translation>
    </message>
    <message>
        <source>Sources</source>
        <translation>Origini</translation>
    </message>
    <message>
        <source>Time zone of this source</source>
        <translation>Fuso orario di questa origine</translation>
    </message>
    <message>
        <source>What to do with %s</source>
        <translation>Che cosa fare con %s</translation>
    </message>
    <message>
        <source>and %s more problems</source>
        <translation>e altri %s problemi</translation>
    </message>
    <message>
        <source>{format} · {count} events · {size}</source>
        <translation>{format} · {count} eventi · {size}</translation>
    </message>
    <message>
        <source>{place} and {count} more</source>
        <translation>{place} e altri {count}</translation>
    </message>
</context>
<context>
    <name>StackView</name>
    <message>
        <source>%d frames are the same as above and left out by the log</source>
        <translation>%d frame sono uguali a quelli sopra e omessi dal log</translation>
    </message>
    <message>
        <source>%d framework frames</source>
        <translation>%d frame del framework</translation>
    </message>
    <message>
        <source>As the log prints it</source>
        <translation>Come lo stampa il log</translation>
    </message>
    <message>
        <source>Came out as</source>
        <translation>Emersa come</translation>
    </message>
    <message>
        <source>Innermost cause</source>
        <translation>Causa prima</translation>
    </message>
    <message>
        <source>Stack trace</source>
        <translation>Stack trace</translation>
    </message>
    <message>
        <source>Stack trace to show</source>
        <translation>Stack trace da mostrare</translation>
    </message>
    <message>
        <source>Suppressed</source>
        <translation>Soppressa</translation>
    </message>
    <message>
        <source>Wrapped in</source>
        <translation>Racchiusa in</translation>
    </message>
    <message>
        <source>printed in reverse by the log, turned round here</source>
        <translation>stampato al contrario dal log, qui raddrizzato</translation>
    </message>
</context>
<context>
    <name>StartPage</name>
    <message>
        <source>Drop .evtx files, text logs, folders or archives here. Nothing leaves this computer.</source>
        <translation>Trascina qui file .evtx, log di testo, cartelle o archivi. Nulla lascia questo computer.</translation>
    </message>
    <message>
        <source>Go on with %s</source>
        <translation>Continua con %s</translation>
    </message>
    <message>
        <source>Go on with {name} and {count} more</source>
        <translation>Continua con {name} e altri {count}</translation>
    </message>
    <message>
        <source>Open %s</source>
        <translation>Apri %s</translation>
    </message>
    <message>
        <source>Open files…</source>
        <translation>Apri file…</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>Apri cartella…</translation>
    </message>
    <message>
        <source>Open the sample</source>
        <translation>Apri l'esempio</translation>
    </message>
    <message>
        <source>Paste log text</source>
        <translation>Incolla testo di log</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Recenti</translation>
    </message>
    <message>
        <source>What could not be opened</source>
        <translation>Che cosa non si è potuto aprire</translation>
    </message>
    <message>
        <source>Why was the token refused?</source>
        <translation>Perché il token è stato rifiutato?</translation>
    </message>
</context>
<context>
    <name>TimelineCanvas</name>
    <message>
        <source>Timeline</source>
        <translation>Linea del tempo</translation>
    </message>
</context>
<context>
    <name>TimelineView</name>
    <message>
        <source>Allowed difference</source>
        <translation>Differenza ammessa</translation>
    </message>
    <message>
        <source>Copy as drawing (SVG)</source>
        <translation>Copia come disegno (SVG)</translation>
    </message>
    <message>
        <source>Copy as picture (PNG)</source>
        <translation>Copia come immagine (PNG)</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Copia come testo</translation>
    </message>
    <message>
        <source>Copy the timeline</source>
        <translation>Copia la linea del tempo</translation>
    </message>
    <message>
        <source>Fit the timeline (double-click)</source>
        <translation>Adatta la linea del tempo (doppio clic)</translation>
    </message>
    <message>
        <source>Try another clock difference allowed</source>
        <translation>Prova un'altra tolleranza dell'orologio</translation>
    </message>
    <message>
        <source>Try another clock difference allowed; at the left, as each stack allows</source>
        <translation>Prova un'altra tolleranza dell'orologio; a sinistra, quella di ciascuno stack</translation>
    </message>
    <message>
        <source>Zoom into the timeline (Ctrl+wheel)</source>
        <translation>Ingrandisci la linea del tempo (Ctrl+rotellina)</translation>
    </message>
    <message>
        <source>Zoom out of the timeline</source>
        <translation>Riduci la linea del tempo</translation>
    </message>
    <message>
        <source>if %s were allowed</source>
        <translation>se fossero ammessi %s</translation>
    </message>
    <message>
        <source>{passed} of {all} refused would pass</source>
        <translation>{passed} di {all} rifiutati passerebbero</translation>
    </message>
</context>
<context>
    <name>TokensView</name>
    <message>
        <source>%d check failed</source>
        <translation>%d verifica fallita</translation>
    </message>
    <message>
        <source>%d checks failed</source>
        <translation>%d verifiche fallite</translation>
    </message>
    <message>
        <source>Algorithm</source>
        <translation>Algoritmo</translation>
    </message>
    <message>
        <source>Audience</source>
        <translation>Destinatario</translation>
    </message>
    <message>
        <source>Hide secrets</source>
        <translation>Nascondi i segreti</translation>
    </message>
    <message>
        <source>Issuer</source>
        <translation>Emittente</translation>
    </message>
    <message>
        <source>Keys and rules to check with…</source>
        <translation>Chiavi e regole per i controlli…</translation>
    </message>
    <message>
        <source>Show in message</source>
        <translation>Mostra nel messaggio</translation>
    </message>
    <message>
        <source>Show secrets</source>
        <translation>Mostra i segreti</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>Soggetto</translation>
    </message>
    <message>
        <source>Tokens</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>no expiry</source>
        <translation>nessuna scadenza</translation>
    </message>
    <message>
        <source>no start</source>
        <translation>nessun inizio</translation>
    </message>
    <message>
        <source>{name}: {outcome}. {reason}</source>
        <translation>{name}: {outcome}. {reason}</translation>
    </message>
    <message>
        <source>{start} to {end}</source>
        <translation>da {start} a {end}</translation>
    </message>
</context>
</TS>

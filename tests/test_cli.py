"""Every command on the bundled samples: its output against a golden file, its exit code, and what it says when it cannot."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import jsonschema
import polars as pl
import pytest
import typer
import typer.core

from inspector.cli import COMMANDS, main
from inspector.cli.commands import app
from inspector.cli.options import UsageError, duration, moment_of, zone_of
from inspector.formats import FORMATS
from inspector.resources import resource_path
from tests.golden_files import Golden

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = "resources/samples/session-manager.txt"
ORDERS = "resources/samples/orders-service.log"


@pytest.fixture(autouse=True)
def in_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "120")


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def steady(text: str) -> str:
    """The same text with what changes from version to version and day to day left out."""
    text = re.sub(r'("version": )"[^"]+"', r'\1"V"', text)
    return re.sub(r"(Token Log Inspector )\d[\w.]*, \S+Z", r"\1V, NOW", text)


@pytest.mark.parametrize("form", ["table", "csv", "jsonl", "ecs"])
def test_events(capsys: pytest.CaptureFixture[str], golden: Golden, form: str) -> None:
    code, out, err = run(capsys, "events", SAMPLE, ORDERS, "--format", form)
    assert (code, err) == (0, "")
    golden.check(f"cli/events.{form}", out)


def test_events_filtered_sorted_and_with_columns(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "events", SAMPLE, "--filter", "source:SessionManagement", "--columns", "provider,position", "--format", "csv"
    )
    assert code == 0
    assert list(csv.reader(io.StringIO(out.removeprefix("\ufeff")))) == [["provider", "position"], ["SessionManagement", "28"]]
    _, out, _ = run(capsys, "events", SAMPLE, "--sort", "-position", "--columns", "position", "--format", "jsonl")
    assert [json.loads(line)["position"] for line in out.splitlines()] == [28, 1]


def test_events_of_a_cause(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, "events", SAMPLE, "--filter", "-(-cause:bad_credentials) has:envelope", "--columns", "provider", "--format", "jsonl"
    )
    assert (code, json.loads(out)) == (0, {"provider": "Microsoft WSE 2.0"})


def test_events_as_parquet(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "rows.parquet"
    code, _, _ = run(capsys, "events", SAMPLE, ORDERS, "--format", "parquet", "-o", str(target))
    assert code == 0
    _, lines, _ = run(capsys, "events", SAMPLE, ORDERS, "--format", "jsonl")
    expected = [json.loads(line)["message"] for line in lines.splitlines()]
    assert pl.read_parquet(target)["message"].to_list() == expected
    counted = duckdb.sql(f"select count(*) from '{target}' where level = 'Error'")
    assert counted is not None
    assert counted.fetchall() == [(sum(json.loads(line)["level"] == "Error" for line in lines.splitlines()),)]


@pytest.mark.parametrize("form", ["text", "json", "csv", "md"])
def test_findings(capsys: pytest.CaptureFixture[str], golden: Golden, form: str) -> None:
    code, out, _ = run(capsys, "findings", SAMPLE, ORDERS, "--format", form)
    assert code == 1
    golden.check(f"cli/findings.{form}", steady(out))


def test_findings_keep_the_published_contract(capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads(resource_path("schema/findings.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    _, out, _ = run(capsys, "findings", SAMPLE, ORDERS, "--format", "json")
    document = json.loads(out)
    jsonschema.validate(document, schema, format_checker=jsonschema.FormatChecker())
    assert document["findings"]
    for finding in document["findings"]:
        assert finding["cause"] == finding["hypotheses"][0]["cause"]
        assert finding["count"] >= len(finding["events"]) > 0


def test_contract_refuses_an_unknown_cause() -> None:
    schema = json.loads(resource_path("schema/findings.schema.json").read_text("utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": 1, "findings": [{"cause": "bad luck"}]}, schema)


def test_healthy_log_finds_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "calm.log"
    log.write_text(
        "2026-01-26 09:21:49,001 INFO  [main] orders.Service - started\n2026-01-26 09:21:50,001 INFO  [main] orders.Service - ready\n"
    )
    code, out, err = run(capsys, "findings", str(log))
    assert (code, err) == (0, "")
    assert "No refused token" in out


@pytest.mark.parametrize("form", ["text", "json"])
def test_show(capsys: pytest.CaptureFixture[str], golden: Golden, form: str) -> None:
    code, out, err = run(capsys, "show", SAMPLE, "--event", "1", "--format", form)
    assert (code, err) == (0, "")
    golden.check(f"cli/show.{form}", out)


def test_show_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "show", SAMPLE, "--event", "999")
    assert (code, out) == (2, "")
    assert "no event at 999" in err
    assert "1 to 28" in err


def test_report(capsys: pytest.CaptureFixture[str], golden: Golden, tmp_path: Path) -> None:
    target = tmp_path / "why.html"
    code, out, err = run(capsys, "report", SAMPLE, ORDERS, "-o", str(target))
    assert (code, out) == (1, "")
    assert str(target) in err
    document = target.read_text("utf-8")
    assert document.startswith("<!DOCTYPE html>")
    assert document.count("<article") >= 2
    assert "<svg" in document
    assert "<script" not in document
    golden.check(
        "cli/report.html",
        re.sub(
            r"\d{4}-\d\d-\d\d \d\d:\d\d UTC · (Token Log Inspector) \d[\w.]*",
            r"NOW · \1 V",
            re.sub(r"(Inspector )\d[\w.]*(\. Made)", r"\1V\2", document),
        ),
    )


def test_report_of_one_finding(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "why.html"
    run(capsys, "report", SAMPLE, ORDERS, "-o", str(target), "--finding", "F2")
    document = target.read_text("utf-8")
    assert document.count("<article") == 1
    assert 'id="F2"' in document
    code, _, err = run(capsys, "report", SAMPLE, "-o", str(target), "--finding", "F99")
    assert code == 2
    assert "F99: no such finding" in err


def test_token(capsys: pytest.CaptureFixture[str], golden: Golden, tmp_path: Path) -> None:
    token = tmp_path / "token.txt"
    # {"alg":"none"} . {"sub":"alice","exp":1700000000}
    token.write_text("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.")
    code, out, _ = run(capsys, "token", str(token), "--at", "2023-11-14T22:20:00Z")
    assert code == 1
    assert "2023-11-14 22:13:20 UTC" in out
    assert "6 min 40 s" in out
    assert "eyJhbGciOiJub25lIn0.eyJ" not in out
    golden.check("cli/token.text", out.replace(str(token), "token.txt"))


def test_formats_lists_every_format(capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    code, out, _ = run(capsys, "formats")
    assert code == 0
    golden.check("cli/formats.text", out)
    for known in FORMATS:
        assert f"{known.name} " in out
        assert known.recognised_by in out
    _, out, _ = run(capsys, "formats", "--format", "json")
    assert [one["name"] for one in json.loads(out)] == [known.name for known in FORMATS]


def test_selftest(capsys: pytest.CaptureFixture[str], golden: Golden) -> None:
    code, out, _ = run(capsys, "selftest")
    golden.check("cli/selftest.text", out)
    assert code == 0
    assert "FAILED" not in out
    assert out.count("ok    ") >= 10


def test_unreadable_input_is_named_and_the_rest_is_done(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    empty = tmp_path / "empty.evtx"
    empty.touch()
    missing = tmp_path / "missing.log"
    folder = tmp_path / "nothing here"
    folder.mkdir()
    code, out, err = run(capsys, "events", str(empty), str(missing), str(folder), SAMPLE, "--format", "jsonl")
    assert code == 3
    assert len(out.splitlines()) == 2
    for path in (empty, missing, folder):
        assert path.name in err


def test_standard_input_is_called_that(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((ROOT / SAMPLE).read_bytes())))
    code, out, _ = run(capsys, "findings", "-", "--format", "json")
    assert (code, [source["path"] for source in json.loads(out)["sources"]]) == (1, ["standard input"])
    assert "/standard-input" not in out
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    code, out, _ = run(capsys, "findings", "-")
    assert code == 3
    assert "standard input, file: the file is empty" in out
    assert "No event was read" in out


def test_standard_input_is_read() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "inspector", "events", "-", "--format", "jsonl", "--jobs", "1"],
        input=(ROOT / SAMPLE).read_bytes(),
        capture_output=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )
    assert finished.stderr == b""
    assert finished.returncode == 0
    assert [json.loads(line)["provider"] for line in finished.stdout.splitlines()] == ["Microsoft WSE 2.0", "SessionManagement"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["events", SAMPLE, "--filter", "level:"], "--filter"),
        (["events", SAMPLE, "--columns", "nonsense"], "nonsense: no such column"),
        (["events", SAMPLE, "--sort", "nonsense"], "'nonsense' is not a column"),
        (["events", SAMPLE, "--format", "parquet"], "name a file with -o"),
        (["events", SAMPLE, "--format", "csv", "-o", "/nowhere/rows.csv"], "cannot be written"),
        (["findings", SAMPLE, "--timezone", "soon"], "not an offset"),
        (["findings", SAMPLE, "--skew", "much"], "not a duration"),
        (["findings", SAMPLE, "--at", "yesterday"], "not a time"),
        (["findings", SAMPLE, "--trust", "/nowhere/key.pem"], "cannot be read"),
        (["findings"], "PATH"),
        (["findings", SAMPLE, "--nonsense"], "'inspector findings --help'"),
        (["show", SAMPLE, "--event", "999"], "inspector: resources/samples/"),
        (["findingz"], "'findingz' is neither a command"),
    ],
)
def test_usage_errors_say_what_to_write(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--version")
    assert code == 0
    assert re.fullmatch(r"inspector \d\S*\n", out)
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for command in ("events", "show", "findings", "report", "token", "formats", "selftest"):
        assert command in out
        _, described, _ = run(capsys, command, "--help")
        assert "Usage: inspector" in described


def test_values_of_options() -> None:
    assert duration("") is None
    assert [str(duration(text)) for text in ("300", "90s", "5min", "1h", "0.5h")] == ["0:05:00", "0:01:30", "0:05:00", "1:00:00", "0:30:00"]
    zones = [zone_of(text) for text in ("+01:00", "-0530", "UTC", "+2")]
    assert [zone.offset.total_seconds() for zone in zones if zone] == [3600, -19800, 0, 7200]
    assert str(moment_of("2026-01-26T10:21:49+01:00")) == "2026-01-26 09:21:49+00:00"
    for wrong in (lambda: duration("-3"), lambda: zone_of("+25:00"), lambda: moment_of("26/01/2026")):
        with pytest.raises(UsageError):
            wrong()


@pytest.mark.parametrize(("rules", "said"), [("[[entry]]\nid = 'a'\n", "rules.toml, line 1: "), (None, "rules.toml: cannot be read: ")])
def test_rules_that_cannot_be_used_are_named(capsys: pytest.CaptureFixture[str], tmp_path: Path, rules: str | None, said: str) -> None:
    path = tmp_path / "rules.toml"
    if rules is not None:
        path.write_text(rules, encoding="utf-8")
    code, out, err = run(capsys, "findings", SAMPLE, "--rules", str(path))
    assert (code, out) == (2, "")
    assert said in err


def test_the_commands_told_apart_from_paths_are_those_that_there_are() -> None:
    command = typer.main.get_command(app)
    assert isinstance(command, typer.core.TyperGroup)
    assert sorted(command.commands) == sorted(COMMANDS)


def test_a_start_of_the_window_loads_neither_the_commands_nor_the_engine() -> None:
    program = (
        "import sys, inspector.gui.app\n"
        "inspector.gui.app.run = lambda paths: print(*paths) or 0\n"
        "from inspector.cli import main\n"
        "main(['a.evtx', 'events'])\n"
        "print(sorted({'typer', 'polars', 'lxml', 'inspector.session'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("a.evtx events\n[]\n", "")

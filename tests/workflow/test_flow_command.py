"""`./bianzhi flow validate FILE` says what stands against a file, and needs no database for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from bianzhi.workflow.rules.writing import write
from tests.workflow.language.drawing import line, service, submit, user

ROOT = Path(__file__).parents[2]
MODELS = Path(__file__).parent / "models"


def validate(file: Path, *options: str) -> int:
    try:
        call_command("flow", "validate", str(file), *options)
    except SystemExit as exit_:
        return int(str(exit_.code))
    return 0


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    file = tmp_path / "sound.bpmn"
    file.write_text(write(line(submit(), user("review"))), "utf-8")
    return file


def test_a_sound_file_may_be_used(sound, capsys):
    assert validate(sound) == 0
    assert capsys.readouterr().out == f"{sound}：可以使用。流程“测试”。\n"


def test_every_flaw_is_a_line_with_file_line_element_code_and_reason(capsys):
    file = MODELS / "A.4.0.bpmn"
    assert validate(file) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{file}:9 asks [F08] 不支持消息流。"
    assert lines[-1] == "共 3 处问题，不能使用。"


def test_flaws_are_told_to_machines_too(sound, capsys):
    assert validate(MODELS / "C.8.1.bpmn", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["process"]) == (False, "one")
    assert [(flaw["element"], flaw["code"]) for flaw in told["flaws"]] == [
        ("one", "F04"),
        ("two", "F04"),
        ("t2", "F06"),
    ]
    assert {"line", "element", "code", "message"} == set(told["flaws"][0])
    assert validate(sound, "--json") == 0
    assert json.loads(capsys.readouterr().out)["flaws"] == []


def test_names_the_program_does_not_know_are_flaws(tmp_path, capsys):
    file = tmp_path / "unknown.bpmn"
    file.write_text(write(line(service("s", "tests.no_such_command"))), "utf-8")
    assert validate(file) == 1
    assert "s [F34] 没有指令“tests.no_such_command”。" in capsys.readouterr().out


def test_what_is_no_diagram_is_one_flaw_of_the_whole_file(tmp_path, capsys):
    file = tmp_path / "bomb.bpmn"
    file.write_bytes(b"<" * 10_000_000)
    assert validate(file) == 1
    assert capsys.readouterr().out.startswith(f"{file}:1 （整个文件） [F01] 文件太大")


def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path, capsys):
    assert validate(tmp_path / "nowhere.bpmn") == 2
    assert validate(tmp_path) == 2
    assert "读不了文件" in capsys.readouterr().err


def test_without_an_act_or_a_file_it_is_wrong_use():
    for arguments in ([], ["validate"], ["paint", "x"]):
        with pytest.raises(CommandError):
            call_command("flow", *arguments)


def test_no_database_is_needed(sound, tmp_path):
    nowhere = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "BIANZHI_HOME": str(tmp_path / "home")}
    ran = subprocess.run(
        [sys.executable, "-m", "bianzhi", "flow", "validate", str(sound)],
        env={**os.environ, **nowhere, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "可以使用" in ran.stdout

"""The command line: help without an environment, exit 2 for wrong use, a port that is taken."""

from __future__ import annotations

import socket

import pytest

from launcher import checks, commands, serve
from launcher.console import Problem


def test_help_lists_the_two_commands_and_exits_0(capsys):
    assert commands.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "start" in shown
    assert "test" in shown


def test_no_command_is_wrong_use():
    assert commands.run([]) == 2


@pytest.mark.parametrize("port", ["0", "65536", "abc", "-1"])
def test_an_impossible_port_is_wrong_use(port, capsys):
    with pytest.raises(SystemExit) as exit_:
        commands.run(["start", "--port", port])
    assert exit_.value.code == 2


def test_a_taken_port_that_was_asked_for_is_refused_with_advice():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem) as problem:
            serve._free_port("127.0.0.1", port)
    assert "--port" in str(problem.value)


def test_a_taken_default_port_gives_way_to_the_next(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(serve, "DEFAULT_PORT", taken.getsockname()[1])
        assert serve._free_port("127.0.0.1", None) > taken.getsockname()[1]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="no IPv6 on this machine")
def test_an_address_of_ipv6_is_listened_on_and_written_in_brackets():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Problem):
            serve._free_port("::1", port)
    assert serve._free_port("::1", port) == port
    assert (serve._in_address("::1"), serve._in_address("10.0.0.5")) == ("[::1]", "10.0.0.5")


def test_a_report_is_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text('<testsuites><testsuite tests="9" failures="1" errors="1" skipped="2"/></testsuites>')
    tally = checks.Tally()
    assert tally.add_report(report) == "5 passed, 2 failed, 2 skipped"
    assert (tally.passed, tally.failed, tally.skipped) == (5, 2, 2)


def test_what_must_not_be_missing_counts_as_failed(monkeypatch):
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    monkeypatch.delenv("REQUIRE_POSTGRES", raising=False)
    tally = checks.Tally()
    checks._could_not(tally, "浏览器测试", required="REQUIRE_BROWSER")
    checks._could_not(tally, "PostgreSQL 上的测试", required="REQUIRE_POSTGRES")
    assert tally.failed == 1
    assert len(tally.missing) == 2

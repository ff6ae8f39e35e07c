"""`./bianzhi start`: environment, assets, database, demo district, worker and server, in one go and repeatable."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType

from launcher import assets, environment
from launcher.console import Problem, last_lines, say, step
from launcher.environment import Environment

DEFAULT_PORT = 8000
PORTS_TRIED = 50
ANSWERS_WITHIN = 60
STOPS_WITHIN = 35
"""Longer than the server gives to the requests it has begun."""
HURRIED = 2
"""Seconds a second Ctrl-C leaves them."""
THREADS = 8
WORKER_PAUSE = 5
HAS_DATA = 3
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where this machine itself reaches a server that listens on all addresses."""
DATABASE_ADVICE = [
    "若设置了 DATABASE_URL，检查数据库服务是否启动、账号是否正确",
    "日志在 BIANZHI_HOME（默认 var/）的 logs 目录",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `start`."""
    parser.add_argument("--port", type=_port, help=f"端口（默认 {DEFAULT_PORT}，被占用时自动换下一个空闲端口）")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1，只有本机能访问）")
    parser.add_argument(
        "--demo",
        choices=("full", "small", "none"),
        default="full",
        help="数据库为空时装入的演示区县 demo：full 全量（默认），small 小样，none 不装",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"端口应为 1–65535 的整数，而不是 {text!r}")
    return int(text)


def start(options: argparse.Namespace) -> int:
    """Bring everything up, print address and accounts, and stay until Ctrl-C. Returns the exit code."""
    port = _free_port(options.host, options.port)
    made = environment.prepare()
    problem = _build_assets()
    _prepare_data(made, demo=options.demo)
    processes = Processes(made, host=options.host, port=port, assets_problem=problem)
    return processes.run_until_stopped()


def _build_assets() -> str:
    """Build the assets; a failure is shown, and told to the pages, but doesn't keep the office from working."""
    try:
        assets.ensure()
    except Problem as problem:
        say(str(problem))
        return problem.why.strip().partition("\n")[0] or problem.what
    return ""


def _free_port(host: str, wanted: int | None) -> int:
    """The port asked for, or the first free one from the default on. Raises Problem when it is taken."""
    candidates = [wanted] if wanted else list(range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED))
    for port in candidates:
        try:
            with socket.create_server((host, port), family=_family(host)):
                if port != candidates[0]:
                    say(f"端口 {candidates[0]} 已被占用，改用 {port}。")
                return port
        except OSError as error:
            why = f"{host}:{port}：{error.strerror}"
    advice = ["停掉占用该端口的程序，或换一个端口：./bianzhi start --port 8080"]
    raise Problem(f"端口 {candidates[0]} 不能使用", why=why, advice=advice)


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _in_address(host: str) -> str:
    """A host as an address names it: one of IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def _prepare_data(made: Environment, *, demo: str) -> None:
    with step("准备数据库与静态文件"):
        _manage(made, "upgrade", what="升级数据库结构失败")
        _manage(made, "matters", "install", what="装入业务事项失败")
        _manage(made, "collectstatic", "--no-input", "--verbosity", "0", what="整理静态文件失败")
    if demo != "none" and _register_is_empty(made):
        with step("装入演示区县（全部为合成数据）"):
            _manage(made, "demo", "--size", demo, what="装入演示区县失败", shown=True)


def _register_is_empty(made: Environment) -> bool:
    program = (
        "import django; django.setup(); from bianzhi.organizations.models import Organization;"
        f"raise SystemExit({HAS_DATA} if Organization.objects.exists() else 0)"
    )
    done = subprocess.run(
        [made.python, "-c", program],
        env=made.variables({"DJANGO_SETTINGS_MODULE": "bianzhi.config.settings"}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, HAS_DATA):
        raise Problem("读取数据库失败", why=last_lines(done.stderr), advice=DATABASE_ADVICE)
    return done.returncode == 0


def _manage(made: Environment, *arguments: str, what: str, shown: bool = False) -> None:
    """Run a management command; what it prints is passed on when `shown`, else told only if it fails."""
    done = subprocess.run(
        made.manage(*arguments),
        env=made.variables(),
        stdout=sys.stderr if shown else subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Problem(what, why=last_lines(done.stderr or done.stdout or ""), advice=DATABASE_ADVICE)


def accounts(made: Environment) -> str:
    """The demo accounts as the command `demo` prints them; "" when there are none."""
    told = subprocess.run(
        made.manage("demo", "--accounts"), env=made.variables(), capture_output=True, text=True, check=False
    )
    return told.stdout.strip() if told.returncode == 0 else ""


@dataclass
class Processes:
    """The server and the worker of jobs, kept running until the operator stops them."""

    made: Environment
    host: str
    port: int
    assets_problem: str
    stopping: bool = False
    hurried: bool = False
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def run_until_stopped(self) -> int:
        """0 after Ctrl-C or SIGTERM, 1 when the server went down by itself."""
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        try:
            server = self._launch("server", self._server())
            worker = self._launch("worker", self.made.manage("worker"))
            self._announce(server)
            while not self.stopping and server.poll() is None:
                time.sleep(0.5)
                if worker.poll() is not None and not self.stopping:
                    say("后台任务进程已退出，正在重新启动。")
                    time.sleep(WORKER_PAUSE)
                    self.children.remove(worker)
                    worker = self._launch("worker", self.made.manage("worker"))
            return 0 if self.stopping else self._went_down(server)
        finally:
            self._end_children()

    def _server(self) -> list[str]:
        """The product's own server; waitress where there is no fork."""
        listen = f"{_in_address(self.host)}:{self.port}"
        if os.name != "nt":
            return [self.made.python, "-m", "bianzhi.config.serving", listen]
        words = [self.made.python, "-m", "waitress", f"--listen={listen}", f"--threads={THREADS}"]
        return [*words, "bianzhi.config.wsgi:application"]

    def _launch(self, name: str, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """A child in a session of its own, so that Ctrl-C reaches it only through us and it can end its work."""
        variables = {"BIANZHI_PROCESS": name, "BIANZHI_ASSETS_PROBLEM": self.assets_problem}
        child = subprocess.Popen(
            list(command), env=self.made.variables(variables), stdout=subprocess.DEVNULL, start_new_session=True
        )
        self.children.append(child)
        return child

    def _announce(self, server: subprocess.Popen[bytes]) -> None:
        host = EVERYWHERE.get(self.host, self.host)
        address = f"http://{_in_address(host)}:{self.port}/"
        deadline = time.monotonic() + ANSWERS_WITHIN
        while not self.stopping and server.poll() is None and time.monotonic() < deadline:
            if _answers(address + "healthz"):
                break
            time.sleep(0.2)
        else:
            return
        listed = accounts(self.made)
        print(f"\n编制通已启动：{address}", flush=True)
        if listed:
            print(f"{listed}", flush=True)
        print("按 Ctrl-C 停止。", flush=True)

    def _went_down(self, server: subprocess.Popen[bytes]) -> int:
        say(f"✗ 网页服务意外停止（退出码 {server.returncode}），日志在 BIANZHI_HOME（默认 var/）的 logs/server.log")
        return 1

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.hurried = self.stopping
        self.stopping = True

    def _end_children(self) -> None:
        running = [child for child in self.children if child.poll() is None]
        for child in running:
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOPS_WITHIN
        while any(child.poll() is None for child in running) and time.monotonic() < deadline:
            time.sleep(0.1)
            if self.hurried:
                self.hurried = False
                deadline = time.monotonic() + HURRIED + 1
                for child in running:
                    child.send_signal(signal.SIGTERM)
        for child in running:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        say("编制通已停止。")


def _answers(address: str) -> bool:
    """Whether the server answers 200, asked directly: a configured proxy has no business on the loopback."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False

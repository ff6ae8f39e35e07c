"""The command line of `./bianzhi`: a few commands of its own, everything else goes to Django's management commands."""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
from pathlib import Path

from launcher import bundle, checks, deb, environment, serve
from launcher.console import Problem, say
from launcher.places import ROOT, SOURCE

WRONG_USE = 2


def run(arguments: list[str]) -> int:
    """Carry out one command line; 0 done, 1 failed or found something wrong, 2 wrong use."""
    try:
        if arguments[:1] == ["start"]:
            parser = argparse.ArgumentParser(prog="./bianzhi start", description="启动编制通（可重复运行）。")
            serve.add_arguments(parser)
            return serve.start(parser.parse_args(arguments[1:]))
        if arguments[:1] == ["test"]:
            parser = argparse.ArgumentParser(prog="./bianzhi test", description="运行本机能运行的全部检查和测试。")
            checks.add_arguments(parser)
            return checks.test(*parser.parse_known_args(arguments[1:]))
        if arguments[:1] == ["bundle"]:
            parser = argparse.ArgumentParser(
                prog="./bianzhi bundle", description="制作离线安装包（无需网络即可安装）。"
            )
            bundle.add_arguments(parser)
            return bundle.bundle(parser.parse_args(arguments[1:]))
        if arguments[:1] == ["deb"]:
            parser = argparse.ArgumentParser(prog="./bianzhi deb", description="制作 Debian 软件包。")
            deb.add_arguments(parser)
            return deb.deb(parser.parse_args(arguments[1:]))
        if arguments[:1] == ["dependencies"]:
            return _dependencies(arguments[1:])
        if not arguments or arguments[0] in ("-h", "--help", "help"):
            print(usage())
            return 0 if arguments else WRONG_USE
        return _manage(arguments)
    except Problem as problem:
        say(str(problem))
        return 1
    except KeyboardInterrupt:
        say("已中断。")
        return 130


def _dependencies(arguments: list[str]) -> int:
    """Audit, licences and bill of materials, by what only the development group installs."""
    words, variables = environment.tool("launcher.dependencies")
    return subprocess.run([*words, *arguments], cwd=ROOT, env=variables, check=False).returncode


def _manage(arguments: list[str]) -> int:
    """Become the management command, so that its output, signals and exit code are its own."""
    made = environment.prepare()
    sys.stdout.flush()
    os.execve(made.python, made.manage(*arguments), made.variables())  # noqa: S606 - no shell is wanted


def usage() -> str:
    """The help text: the launcher's own commands, then every command the apps bring."""
    own = [
        ("start", "启动编制通并装入演示区县"),
        ("test", "运行全部检查和测试"),
        ("dependencies", "依赖审计、许可证和物料清单（SBOM）"),
        ("bundle", "制作离线安装包：源码、页面样式和全部软件包"),
        ("deb", "制作 Debian 软件包（systemd 服务）"),
    ]
    width = 20
    lines = ["用法：./bianzhi <命令> [参数]    每个命令都有 --help", ""]
    lines += [f"  {name:<{width}}{text}" for name, text in [*own, *_management_commands()]]
    lines += ["", "BIANZHI_HOME 指明数据目录（默认 var/），DATABASE_URL 指明 PostgreSQL 数据库。"]
    return "\n".join(lines)


def _management_commands() -> list[tuple[str, str]]:
    """Name and help of the apps' commands, read from their source: no environment is needed to ask for help."""
    files = SOURCE.glob("bianzhi/*/management/commands/[a-z]*.py")
    return sorted((file.stem, _help_of(file)) for file in files)


def _help_of(file: Path) -> str:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "help" for target in node.targets):
            try:
                return str(ast.literal_eval(node.value)).split("\n")[0]
            except ValueError:
                return ""
    return ""

"""How a source may be set up: nothing secret is kept, nothing but reading is asked of a database."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from bianzhi.kernel.objections import Objection

WRONG_CODE: Final = "X71"
WRONG_FIGURES: Final = "X72"
WRONG_DATABASE: Final = "X73"
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{1,39}")
SECRET_NAME: Final = re.compile(r"BIANZHI_SOURCE_[A-Z0-9_]{1,40}")
"""Names of environment variables that may hold a source's password; no other variable is ever read for one."""
KNOWN_SCHEMES: Final = ("postgresql", "mysql", "mariadb", "oracle", "mssql")
OPTIONS: Final = frozenset({"sslmode", "charset", "service_name"})
"""What may stand behind the ? of an address. The drivers know others that read files of this server (local_infile,
read_default_file, passfile), hold the password or lead to another host."""
MOST_ROWS: Final = 3_000_000


def objections_to_source(
    *, code: str, name: str, breaker_percent: int, due_day: int, settings: Mapping[str, Any], is_database: bool
) -> list[Objection]:
    """Everything about a source that is not right."""
    found = []
    if not _CODE.fullmatch(code):
        step = "请用小写字母开头，只含小写字母、数字和短横线，例如 hr-payroll"
        found.append(Objection(WRONG_CODE, f"来源代码“{code[:40]}”写法有误", next_step=step))
    if not name.strip():
        found.append(Objection(WRONG_CODE, "没有填写来源名称", next_step="请填写，例如 人社局工资系统"))
    if not 1 <= breaker_percent <= 100:
        found.append(Objection(WRONG_FIGURES, f"熔断比例 {breaker_percent}% 超出范围", next_step="请填写 1 至 100"))
    if not 1 <= due_day <= 28:
        found.append(Objection(WRONG_FIGURES, f"每月报送日 {due_day} 超出范围", next_step="请填写 1 至 28"))
    return found + (_objections_to_database(settings) if is_database else [])


def _objections_to_database(settings: Mapping[str, Any]) -> list[Objection]:
    found = []
    problem = _problem_of_address(str(settings.get("url", "")))
    if problem:
        step = "例如 postgresql://readonly@10.1.2.3:5432/payroll，口令放在环境变量中"
        found.append(Objection(WRONG_DATABASE, problem, next_step=step))
    secret = str(settings.get("password_env", ""))
    if secret and not SECRET_NAME.fullmatch(secret):
        step = "请使用以 BIANZHI_SOURCE_ 开头的变量名，例如 BIANZHI_SOURCE_HR_PASSWORD"
        found.append(Objection(WRONG_DATABASE, f"口令所在的环境变量“{secret[:60]}”不能使用", next_step=step))
    if not str(settings.get("query", "")).strip():
        step = "请填写一条 SELECT，或请对方建一个视图后填写 SELECT * FROM 视图名"
        found.append(Objection(WRONG_DATABASE, "没有填写查询语句", next_step=step))
    return found


def _problem_of_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "数据库地址写法有误"
    if not parts.scheme or not parts.hostname or port == 0:
        return "数据库地址写法有误"
    if parts.scheme.partition("+")[0] not in KNOWN_SCHEMES:
        return f"不支持“{parts.scheme}”类型的数据库"
    if parts.password is not None:
        return "数据库地址中写有口令"
    return problem_of_options(address)


def problem_of_options(address: str) -> str:
    """What is wrong with the options behind the ? of an address, in words that repeat no value; "" for nothing."""
    names = {name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True, separator="&")}
    unknown = sorted(names - OPTIONS)
    return f"数据库地址中的选项“{unknown[0][:40]}”不能使用，可用：{'、'.join(sorted(OPTIONS))}" if unknown else ""

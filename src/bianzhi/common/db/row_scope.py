"""Whose rows the database shows: the second wall behind the scope filters of the application (decision 0018).

PostgreSQL compares the unit of a row with what the connection was told of whoever asks. This module says who that
is; `common.db.postgresql` tells the server before a statement is sent. Nothing said means nothing shown.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final, Literal

BEYOND: Final[dict[str, str]] = {
    "interface": "部门系统凭接口密钥调用：范围由密钥的来源和权限决定，不是某个用户的范围",
    "verifying": "凭文书上的验证码核对真伪：任何人都可核对，只显示文书本身",
    "feed": "日历订阅地址没有登录用户：按订阅人的日程生成",
    "publications": "公示面向全体人员：办件本身不公开，公示的内容公开",
    "messages": "向他人发送消息和通知：发送人看不到收件人的消息",
    "identity": "身份证号全区唯一、一人一编：核对时要看到其他单位的人员",
    "capacity": "编制余额以全部登记为准：不能只数自己看得到的行",
    "sealing": "审计封印：写过的每一行都要读回来取摘要",
    "naming": "申请中按全名或完整身份证号指认本区人员，并在办件中显示其姓名",
    "rules": "规则核查和预演按全部登记判断，预演的写入全部撤回，只留下意见",
    "effects": "办件结果写入登记：由办件的审批授权，不是最后一个经办人的范围",
    "counting": "事项和流程设置只显示各版本的在办件数，不显示办件",
    "migrating": "流程换版：列出并转入全部在办件，不能只转看得到的",
    "mail": "邮件队列：系统管理员看状态和失败原因，不看内容和地址",
    "pushes": "推送记录：设置接口的人看时间、状态和错误，不看推送的内容",
    "meetings": "会议时间冲突：只告知是否有空，不显示他人的日程内容",
}
"""Why a piece of code looks further than the person it works for; `beyond_scope` takes nothing else."""


@dataclass(frozen=True, slots=True)
class RowScope:
    """What the server is told. `all`: every unit, private rows excepted; `units`: what the lists below name.

    `users`, `roles`, `anywhere` and `task_units` count for the tasks of cases alone: oneself and whoever has delegated
    to one, their roles within units, their roles of the whole district, and the units their roles reach.
    """

    kind: Literal["", "system", "all", "units"]
    user_id: int | None = None
    units: tuple[int, ...] = ()
    users: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    anywhere: tuple[str, ...] = ()
    task_units: tuple[int, ...] = ()

    def settings(self) -> dict[str, str]:
        """The settings of the connection that carry it."""
        return {
            "bianzhi.scope": self.kind,
            "bianzhi.user_id": "" if self.user_id is None else str(self.user_id),
            "bianzhi.units": _listed(self.units),
            "bianzhi.users": _listed(self.users),
            "bianzhi.roles": _listed(self.roles),
            "bianzhi.anywhere": _listed(self.anywhere),
            "bianzhi.task_units": _listed(self.task_units),
        }


def _listed(values: tuple[object, ...]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


NOTHING: Final = RowScope("")
SYSTEM: Final = RowScope("system")


class Asked:
    """A scope that is worked out when the first statement needs it, once."""

    def __init__(self, answer: Callable[[], RowScope]) -> None:
        self._answer = answer
        self._known: RowScope | None = None
        self._is_asking = False

    def scope(self) -> RowScope:
        """What was found; nothing while it is being found, since finding it takes statements of its own."""
        if self._known is None and not self._is_asking:
            self._is_asking = True
            try:
                self._known = self._answer()
            finally:
                self._is_asking = False
        return self._known or NOTHING


_current: ContextVar[RowScope | Asked] = ContextVar("bianzhi_row_scope", default=NOTHING)


def wanted() -> RowScope:
    """The scope the next statement of this thread runs under."""
    current = _current.get()
    return current.scope() if isinstance(current, Asked) else current


@contextmanager
def acting(scope: RowScope | Asked) -> Iterator[None]:
    """The block runs under this scope; the scope before comes back at its end, whatever happened in it."""
    token = _current.set(scope)
    try:
        yield
    finally:
        _current.reset(token)


def go_beyond_scope(reason: str) -> None:
    """As `beyond_scope`, for the rest of the request: the middleware takes it back at its end. Raises KeyError."""
    if reason not in BEYOND:
        raise KeyError(reason)
    _current.set(SYSTEM)


@contextmanager
def beyond_scope(reason: str) -> Iterator[None]:
    """The block looks further than the person it works for; `reason` is one of BEYOND. Raises KeyError.

    Keep it around the one question that needs it, and give back no more than the answer.
    """
    if reason not in BEYOND:
        raise KeyError(reason)
    with acting(SYSTEM):
        yield


def act_as_system() -> None:
    """This thread works without a person from now on: a command, the worker of jobs, a thread beside it."""
    _current.set(SYSTEM)

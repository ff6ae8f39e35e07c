"""Settings, the secret key, HTTPS, and where keys lie."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.checks import run_checks

from bianzhi.common import parameters
from bianzhi.doctor.findings import Finding, bad, good, note, warn
from bianzhi.intrusion.selectors.standing import exposed_key_files
from bianzhi.intrusion.selectors.standing import key_files as files_of_keys

ANSWERED_HERE: Final = frozenset({"security.W004", "security.W008", "security.W009", "security.W012", "security.W016"})
"""Findings of `check --deploy` that are told below in our own words, or are the proxy's work (redirect to HTTPS)."""
ADVISED: Final = frozenset({"security.W005", "security.W021"})
"""HSTS for subdomains and preload: for the owner of the domain to decide."""


def settings_and_https() -> Iterator[Finding]:
    """What `check --deploy` says, and what it does not know of."""
    subject = "设置"
    if settings.DEBUG:
        yield bad(subject, "调试模式开着（BIANZHI_DEBUG=1），出错页面会泄露内部信息", "删除 BIANZHI_DEBUG 后重新启动")
    else:
        yield good(subject, "调试模式已关闭")
    if "*" in settings.ALLOWED_HOSTS:
        yield bad(subject, "BIANZHI_HOSTS 含 *，任何域名都能访问", "只填本平台的域名和地址")
    yield from _https()
    secret = str(settings.SECRET_KEY)
    if len(secret) < 50 or len(set(secret)) < 5 or secret.startswith("django-insecure-"):
        yield bad("密钥", "会话密钥过短或过于简单", "删除 BIANZHI_SECRET_KEY，由平台自动生成")
    else:
        yield good("密钥", f"会话密钥 {len(secret)} 个字符")
    for message in run_checks(include_deployment_checks=True):
        if message.id in ANSWERED_HERE | ADVISED:
            continue
        told = f"{message.id}：{message.msg}".split("\n")[0][:160]
        yield (bad if message.is_serious() else warn)("Django 检查", told, "按 Django 文档说明处理")
    if parameters.DATA_IS_SYNTHETIC.number:
        yield note("数据", "当前是虚构的演示数据，第二因素不强制", "正式使用请建立新的数据目录")


def _https() -> Iterator[Finding]:
    if not settings.HTTPS:
        yield bad(
            "HTTPS",
            "没有启用 HTTPS：密码和身份证号会明文经过网络",
            "在前置代理上配置证书，设 BIANZHI_HTTPS=1 后重新启动",
        )
        return
    flags = (settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS >= 31_536_000)
    if all(flags):
        yield good("HTTPS", "已启用，Cookie 只走 HTTPS，HSTS 一年")
    else:
        yield bad("HTTPS", "已启用，但 Cookie 或 HSTS 的设置不完整", "不要改动平台自带的安全设置")


def key_files() -> Iterator[Finding]:
    """Where the keys are, who may read them, and that no backup takes them along."""
    wrong = list(exposed_key_files())
    for problem in wrong:
        yield bad("密钥文件", problem, "改为仅运行账号可读（chmod 600），放在备份目录之外")
    keys = Path(settings.FIELD_KEYS)
    if not keys.exists():
        yield bad("密钥文件", f"字段加密密钥 {keys} 不存在", "从保管的副本放回；不要另造，否则旧内容读不出来")
    elif not wrong:
        yield good("密钥文件", f"{len(files_of_keys())} 个密钥文件仅运行账号可读")
    if keys.is_relative_to(Path(settings.HOME)):
        yield note(
            "密钥文件", "字段加密密钥在数据目录内", "另存两份副本，分处保管；有条件的用 BIANZHI_KEYS_FILE 放到另一处"
        )

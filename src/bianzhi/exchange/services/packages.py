"""A difference list as one file that can be checked anywhere: the files, what was signed, the signature, the key."""

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.exchange import files, signing
from bianzhi.exchange.models import Dispatch
from bianzhi.exchange.selectors.reach import require_reach
from bianzhi.exchange.services.dispatches import manifest_of

MEDIA_TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
}
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
PUBLIC_KEY: Final = "public_key.pem"
BIGGEST: Final = 500_000_000
"""Bytes that are read of a file in a package; a longer one is no difference list."""
HOW_TO_CHECK: Final = """验证方法（任选其一）

一、在编制通上：./bianzhi exchange verify 差异清单.zip

二、用 OpenSSL 3.0 以上，在解压后的目录中：
   openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
   显示 Signature Verified Successfully 后，再核对各文件的 SHA-256 与 manifest.json 中 files 一致：
   sha256sum 差异清单.xlsx 差异清单.csv 差异清单.json

公钥应事先从 /api/v1/public-key 取得，并用电话等其他途径核对；不要只相信同一压缩包中的公钥。
"""


@unit_of_work
def open_dispatch(*, actor: Actor, dispatch_id: int, name: str) -> Dispatch:
    """Let whoever delivers for the source, or may see complete numbers, have a file of a dispatch; it is recorded.

    Raises Dispatch.DoesNotExist, Denied without exchange.deliver and personnel.reveal, Refused (X60).
    """
    dispatch = Dispatch.objects.select_related("source").get(pk=dispatch_id)
    if not (actor.can("exchange.deliver") or actor.can("personnel.reveal")):
        raise Denied("personnel.reveal")
    require_reach(actor, dispatch.source)
    facts = {"source": dispatch.source.code, "key": dispatch.key, "file": name, "sha256": dispatch.sha256}
    record("exchange.dispatch_opened", actor=actor, subject=dispatch, facts=facts)
    return dispatch


def package_of(dispatch: Dispatch) -> bytes:
    """The package of a difference list, as a zip. Raises FileNotFoundError when a kept file was removed."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
        for name, digest in sorted(dispatch.files.items()):
            package.writestr(file_name(name), files.read(digest))
        package.writestr(MANIFEST, manifest_of(dispatch))
        package.writestr(SIGNATURE, bytes.fromhex(dispatch.signature))
        package.writestr(PUBLIC_KEY, signing.public_pem())
        package.writestr("验证方法.txt", HOW_TO_CHECK)
    return held.getvalue()


def file_name(name: str) -> str:
    """What a file of a list is called."""
    return f"差异清单.{name}"


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was checked of a package, and whether it held."""

    what: str
    holds: bool
    words: str


def check_package(path: Path, public_key: str | None = None) -> list[Checked]:
    """Check signature and digests of a package, by the platform's own key or a given one in PEM.

    Raises ValueError when the file is no package or the key no Ed25519 key.
    """
    try:
        with zipfile.ZipFile(path) as package:
            return _check(package, public_key)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} 不是编制通的差异清单包：{error}") from error


def _check(package: zipfile.ZipFile, public_key: str | None) -> list[Checked]:
    manifest, signature = _read(package, MANIFEST), _read(package, SIGNATURE)
    is_signed = signing.is_signed(manifest, signature.hex(), public_key)
    told = json.loads(manifest)
    named = told.get("files", {}) if isinstance(told, dict) else None
    if not isinstance(named, dict):
        raise ValueError(f"{MANIFEST} 不是差异清单的签名文本")
    checked = [Checked("签名", is_signed, "签名有效" if is_signed else "签名无效：内容被改动，或不是用这个密钥签的")]
    for name, digest in sorted(named.items()):
        holds = hashlib.sha256(_read(package, file_name(name))).hexdigest() == digest
        words = "与签名清单一致" if holds else "与签名清单不一致：文件被改动"
        checked.append(Checked(file_name(name), holds, words))
    return checked


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    if package.getinfo(name).file_size > BIGGEST:
        raise ValueError(f"{name} 超过 {BIGGEST} 字节，不是差异清单")
    return package.read(name)

"""The label of a set: what it is, signed by the platform's key."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bianzhi.exchange import signing
from bianzhi.kernel.file_digests import Digests
from bianzhi.recovery.sets.refusing import Damaged, refusal

FILE: Final = "label.json"
SIGNATURE: Final = "label.sig"
FORMAT: Final = 1
PURPOSE: Final = b"bianzhi-backup-label\n"
LARGEST: Final = 10 * 2**20


@dataclass(frozen=True, slots=True)
class Label:
    """What a set says of itself. `made_at` is the moment of the database's snapshot, ISO with offset."""

    name: str
    made_at: str
    kind: str
    needs: list[str]
    engine: str
    database: dict[str, Any]
    listing: dict[str, Any]
    tables: dict[str, int]
    audit_seq: int
    audit_hash: str
    product: str
    engine_version: str
    migrations: list[str]
    files: int
    size: int
    new_files: int
    new_bytes: int
    encrypted_with: str
    signed_with: str
    public_key: str
    keys_apart: list[str]
    damaged: list[str]
    configuration: dict[str, str]
    seconds: float
    format: int = field(default=FORMAT)

    @property
    def moment(self) -> datetime:
        """`made_at` as a moment."""
        return datetime.fromisoformat(self.made_at)

    @property
    def is_full(self) -> bool:
        """Whether it holds every file itself."""
        return self.kind == "full"

    def as_bytes(self) -> bytes:
        """The text that is signed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def digests_in(facts: dict[str, Any]) -> Digests:
    """The digests a label notes of a part."""
    return Digests(facts["size"], facts["sha256"], facts["sm3"])


def write(label: Label, folder: Path) -> None:
    """Sign and write."""
    content = label.as_bytes()
    (folder / FILE).write_bytes(content)
    (folder / SIGNATURE).write_text(signing.sign(PURPOSE + content) + "\n", encoding="ascii")


def signer() -> tuple[str, str]:
    """Name and public key of the key this platform signs with."""
    return signing.key_id(), signing.public_pem()


def read(folder: Path, *, trusted: Collection[str] = ()) -> Label:
    """The label of a set, its signature proved.

    `trusted` are names of keys somebody vouches for, as printed when the backups were set up; without them the key
    of this platform must have signed. Raises Refused, or Damaged where label or signature were touched.
    """
    name = folder.name
    content, signature = _content(folder)
    label = _parsed(content, name)
    if label.name != name:
        raise Damaged(f"{name}/{FILE}", f"写的是 {label.name}：文件夹被改名，或内容被调换")
    if label.signed_with != key_name(label.public_key):
        raise Damaged(f"{name}/{FILE}", "所附公钥与签名密钥编号不符")
    if not _is_signed(content, signature, label.public_key):
        raise Damaged(f"{name}/{FILE}", "与签名不符：被改动")
    _require_known(label, trusted)
    return label


def _content(folder: Path) -> tuple[bytes, str]:
    try:
        if (folder / FILE).stat().st_size > LARGEST:
            raise Damaged(f"{folder.name}/{FILE}", "大得不像标签")
        return (folder / FILE).read_bytes(), (folder / SIGNATURE).read_text(encoding="ascii").strip()
    except UnicodeDecodeError as error:
        raise Damaged(f"{folder.name}/{SIGNATURE}", "不是签名") from error
    except OSError as error:
        ask = "请指向备份目录中的一份备份（内有 label.json 的文件夹）。"
        raise refusal("BK03", f"{folder} 不是完整的备份（{error.strerror}）", ask) from error


def _parsed(content: bytes, name: str) -> Label:
    try:
        facts = json.loads(content)
        known = {one.name for one in fields(Label)}
        if facts["format"] != FORMAT:
            raise refusal(
                "BK04", f"备份格式是第 {facts['format']} 版，本程序只认第 {FORMAT} 版", "请用做备份时的版本恢复。"
            )
        return Label(**{key: value for key, value in facts.items() if key in known})
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged(f"{name}/{FILE}", "不是备份标签") from error


def _is_signed(content: bytes, signature: str, public_key: str) -> bool:
    try:
        return signing.is_signed(PURPOSE + content, signature, public_key)
    except ValueError:
        return False


def _require_known(label: Label, trusted: Collection[str]) -> None:
    own = signing.key_id() if signing.has_key() else ""
    if label.signed_with in {own, *trusted} - {""}:
        return
    ask = f"请核对打印存档的密钥编号；一致时加 --key-id {label.signed_with} 重试。"
    if trusted:
        raise refusal("BK05", f"备份由密钥 {label.signed_with} 签名，不是所给的 {'、'.join(trusted)}", "该备份不可信。")
    raise refusal("BK05", f"备份由密钥 {label.signed_with} 签名，本机没有这把密钥", ask)


def key_name_in(folder: Path) -> str:
    """The name of the signing key kept in a folder as `keys/…`, "" where there is none."""
    try:
        key = serialization.load_pem_private_key((folder / "keys" / signing.FILE).read_bytes(), password=None)
    except (OSError, ValueError):
        return ""
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return key_name(key.public_key().public_bytes(*form).decode())


def key_name(public_key: str) -> str:
    """The short name of a public key in PEM, "" where it is none."""
    try:
        key = serialization.load_pem_public_key(public_key.encode())
    except ValueError:
        return ""
    if not isinstance(key, Ed25519PublicKey):
        return ""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]

"""`./bianzhi keys`: the master keys of the encrypted columns: which there are, a new one, moving values, retiring."""

import argparse
import os
import shutil
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from bianzhi.audit import key_rotation
from bianzhi.audit.actors import System
from bianzhi.common import field_keys, sealed_files, sealed_places
from bianzhi.common.db.sealed_columns import keys_in_use
from bianzhi.kernel.encryption.ciphers import Forged
from bianzhi.kernel.encryption.sealed_stream import is_sealed, read_head
from bianzhi.kernel.file_digests import PIECE
from bianzhi.kernel.objections import Refused

OPERATOR = System("命令行")
TOLD_EVERY: Final = 1_000


class Command(BaseCommand):
    help = "加密主密钥：查看（status）、更换（rotate）、移到新密钥（move）、停用旧密钥（retire）、解密单个文件（open）"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="status|rotate|move|retire|open")
        acts.add_parser("status", help="各密钥加密了多少项内容 how much rests on each key")
        acts.add_parser("rotate", help="新造主密钥并设为当前 make a fresh key the current one")
        acts.add_parser("move", help="将旧密钥加密的内容和文件移到当前密钥 move values and files to the current key")
        retire = acts.add_parser("retire", help="停用不再使用的密钥 drop a key nothing rests on")
        retire.add_argument("key", help="密钥编号（见 status）")
        opening = acts.add_parser("open", help="解密一个文件（记入审计） open one sealed file")
        opening.add_argument("file", type=Path, help="数据目录中的加密文件")
        opening.add_argument("to", type=Path, help="写到哪个新文件")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['act']}")(options)
        except (Refused, Forged, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal

    def _status(self, options: dict[str, Any]) -> None:
        keys, used, files = field_keys.keyring(), keys_in_use(), sealed_places.in_use()
        self.stdout.write(f"密钥文件：{field_keys.place_of_keys()}（{keys.cipher.name.upper()}）")
        for key_id in sorted(({key.hex() for key in keys.masters} | set(used) | set(files.by_key)) - {""}):
            state = "当前" if key_id == keys.current.hex() else "旧"
            missing = "" if bytes.fromhex(key_id) in keys.masters else "　缺少此密钥，内容无法打开！"
            count = files.by_key[key_id]
            self.stdout.write(f"{key_id}　{state}　加密内容 {used[key_id]} 项　加密文件 {count} 个{missing}")
        if files.broken:
            self.stdout.write(f"文件头已损坏的文件 {files.broken} 个，详见 ./bianzhi check")
        if files.plain and sealed_files.encrypts():
            self.stdout.write(f"未加密的文件 {files.plain} 个，请运行 ./bianzhi keys move")
        elif not sealed_files.encrypts():
            self.stdout.write(f"文件加密已关闭（BIANZHI_ENCRYPT_FILES=off），未加密的文件 {files.plain} 个。")
        if used[""]:
            self.stdout.write(f"未加密的内容 {used['']} 项，请运行 ./bianzhi keys move")

    def _rotate(self, options: dict[str, Any]) -> None:
        key_id = key_rotation.rotate(actor=OPERATOR)
        self.stdout.write(
            f"新的主密钥：{key_id}。请立即另行保存密钥文件 {field_keys.place_of_keys()}，再运行 keys move。"
        )

    def _move(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"已移到当前密钥：{key_rotation.move_all(actor=OPERATOR)} 项。")

        def progress(label: str, looked_at: int, moved: int) -> None:
            if looked_at % TOLD_EVERY == 0:
                self.stderr.write(f"{label}：已查看 {looked_at} 个文件，移动 {moved} 个")

        self.stdout.write(f"已移到当前密钥：{key_rotation.move_files(actor=OPERATOR, progress=progress)} 个文件。")

    def _open(self, options: dict[str, Any]) -> None:
        source: Path = options["file"]
        with source.open("rb") as raw:
            if not is_sealed(raw):
                raise CommandError(f"{source} 没有加密，可直接打开。")
            context = read_head(raw).context
        with sealed_files.open_file(source, context) as stream:
            key_rotation.note_file_opened(actor=OPERATOR, name=source.name, context=context)
            handle = os.open(options["to"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as target:
                shutil.copyfileobj(stream, target, PIECE)
        self.stdout.write(f"已解密到 {options['to']}，用后请删除。")

    def _retire(self, options: dict[str, Any]) -> None:
        key_rotation.retire(actor=OPERATOR, key_id=options["key"])
        self.stdout.write(f"主密钥 {options['key']} 已停用。请更新另行保存的密钥文件副本。")

"""Encryption of backups: what was written comes back, and nothing else ever does."""

from __future__ import annotations

import base64
import io

import pytest

from bianzhi.kernel.objections import Refused
from bianzhi.recovery.sets import sealing
from bianzhi.recovery.sets.refusing import Damaged
from bianzhi.recovery.sets.sealing import BackupKey, make_key, read_key, seal, unseal

KEY = BackupKey(bytes(range(32)))
PIECE = 64


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(sealing, "PIECE", PIECE)


def sealed(content: bytes, context: str = "set/part", key: BackupKey = KEY) -> bytes:
    stream = io.BytesIO()
    seal([content[:10], content[10:]], stream, key, context)
    return stream.getvalue()


def opened(content: bytes, context: str = "set/part", key: BackupKey = KEY) -> bytes:
    return b"".join(unseal(io.BytesIO(content), key, context))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7])
def test_what_was_sealed_comes_back(size):
    content = bytes(range(256))[: size % 256] * (size // 256 + 1)
    assert opened(sealed(content)) == content


def test_the_same_content_is_never_sealed_to_the_same_bytes():
    assert sealed(b"x" * 100) != sealed(b"x" * 100)


def test_a_flipped_bit_anywhere_is_found():
    whole = sealed(b"y" * (2 * PIECE + 5))
    for at in range(len(whole)):
        touched = bytearray(whole)
        touched[at] ^= 1
        with pytest.raises(Damaged):
            opened(bytes(touched))


def test_a_part_cut_short_anywhere_is_found():
    whole = sealed(b"z" * (2 * PIECE + 5))
    for length in range(len(whole)):
        with pytest.raises(Damaged):
            opened(whole[:length])


def test_pieces_swapped_left_out_or_added_are_found():
    whole = sealed(b"a" * PIECE + b"b" * PIECE + b"c")
    head, one = whole[:20], PIECE + 16
    first, second, last = whole[20 : 20 + one], whole[20 + one : 20 + 2 * one], whole[20 + 2 * one :]
    for pieces in ([second, first, last], [first, last], [first, second], [first, second, last, last]):
        with pytest.raises(Damaged):
            opened(head + b"".join(pieces))


def test_a_part_of_another_name_or_another_key_does_not_open():
    with pytest.raises(Damaged):
        opened(sealed(b"x"), context="set/other")
    with pytest.raises(Damaged):
        opened(sealed(b"x"), key=BackupKey(bytes(32)))


@pytest.mark.parametrize("written", [KEY.raw, KEY.raw.hex().encode() + b"\n", base64.b64encode(KEY.raw)])
def test_a_key_is_read_however_it_is_written(tmp_path, written):
    (tmp_path / "key").write_bytes(written)
    assert read_key(tmp_path / "key") == KEY


def test_what_is_no_key_is_refused_in_words(tmp_path):
    (tmp_path / "key").write_bytes(b"too short")
    with pytest.raises(Refused, match="不是 32 字节"):
        read_key(tmp_path / "key")
    with pytest.raises(Refused, match="读不到"):
        read_key(tmp_path / "nowhere")


def test_a_fresh_key_is_for_its_owner_alone_and_never_overwrites_one(tmp_path):
    made = make_key(tmp_path / "key")
    assert read_key(tmp_path / "key") == made
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="已存在"):
        make_key(tmp_path / "key")


def test_a_key_gives_nothing_of_itself_away_when_it_is_shown():
    assert KEY.raw.hex() not in repr(KEY)
    assert KEY.name not in KEY.raw.hex()

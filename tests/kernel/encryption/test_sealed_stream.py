"""A sealed file gives back every part of itself, and nothing at all once anything of it was changed."""

from __future__ import annotations

import io
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.encryption.ciphers import CIPHERS
from bianzhi.kernel.encryption.keyring import Keyring, fresh_keyring
from bianzhi.kernel.encryption.sealed_stream import (
    CHUNK_POWER,
    END,
    MARK,
    BrokenSeal,
    LockedFile,
    is_sealed,
    opened,
    read_head,
    sealed,
)

CHUNK = 1 << CHUNK_POWER
STEP = CHUNK + 28
"""What a chunk takes on the disk: its nonce and tag beside it."""
AES = fresh_keyring(CIPHERS["aes"])
KEYRINGS = [AES, fresh_keyring(CIPHERS["sm4"])]
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7]
CONTEXT = "archive-original|ab12"
CONTENT = random.Random(6).randbytes(2 * CHUNK + 100)


def closed(content: bytes, keys: Keyring = AES, context: str = CONTEXT) -> bytes:
    return b"".join(sealed(keys, [content], context))


def read(stored: bytes, keys: Keyring = AES, context: str | None = CONTEXT) -> bytes:
    with opened(keys, io.BytesIO(stored), context) as stream:
        return stream.read()


def head_length(stored: bytes) -> int:
    stream = io.BytesIO(stored)
    read_head(stream)
    return stream.tell()


@pytest.mark.parametrize("keys", KEYRINGS, ids=["aes", "sm4"])
@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_is_read_back_whatever_its_size(keys, size):
    content = os.urandom(size)
    stored = closed(content, keys)
    assert read(stored, keys) == content
    assert is_sealed(io.BytesIO(stored))
    assert not is_sealed(io.BytesIO(content))


@given(st.lists(st.binary(max_size=3 * CHUNK), max_size=6))
def test_the_pieces_it_comes_in_do_not_matter(pieces):
    assert read(b"".join(sealed(AES, pieces, CONTEXT))) == b"".join(pieces)


@given(st.integers(0, len(CONTENT) + 10), st.integers(0, len(CONTENT)))
def test_any_part_of_it_is_the_same_part_of_the_plain_file(at, count):
    with opened(AES, io.BytesIO(closed(CONTENT)), CONTEXT) as stream:
        assert stream.seek(0, os.SEEK_END) == len(CONTENT)
        stream.seek(at)
        assert stream.read(count) == CONTENT[at : at + count]
        stream.seek(-5, os.SEEK_END)
        assert stream.read() == CONTENT[-5:]


@pytest.mark.parametrize("keys", KEYRINGS, ids=["aes", "sm4"])
def test_one_bit_changed_anywhere_is_refused(keys):
    stored = closed(b"330699199001010015" * 3, keys)
    for at in range(len(stored)):
        changed = bytearray(stored)
        changed[at] ^= 1 << at % 8
        assert is_sealed(io.BytesIO(bytes(changed))), at
        with pytest.raises(BrokenSeal if at not in key_id_of(stored) else (BrokenSeal, LockedFile)):
            read(bytes(changed), keys)


def key_id_of(stored: bytes) -> range:
    """Where the id of the master key stands: another id is a key nobody has."""
    start = len(MARK) + 4 + len(CONTEXT)
    return range(start, start + 4)


def test_in_a_large_file_a_changed_byte_is_refused_where_it_is_come_to():
    stored = closed(CONTENT)
    drawn = random.Random(1)
    for at in [drawn.randrange(len(stored)) for _ in range(200)]:
        changed = bytearray(stored)
        changed[at] ^= 0x40
        with pytest.raises((BrokenSeal, LockedFile)):
            read(bytes(changed))


@pytest.mark.parametrize(
    "left", [0, 1, 20, 200, STEP, 2 * STEP - 1, 2 * STEP, 2 * STEP + 1], ids=lambda left: f"{left} bytes"
)
def test_a_file_cut_short_is_refused_before_a_byte_is_given(left):
    stored = closed(CONTENT)
    head = head_length(stored)
    for cut in (stored[: head + left], stored[: head + left] + END):
        with pytest.raises(BrokenSeal):
            opened(AES, io.BytesIO(cut), CONTEXT)


def test_nothing_can_be_added_behind():
    stored = closed(CONTENT)
    for longer in (stored + b"x", stored[: -len(END)] + b"x" * 100 + END, stored + stored):
        with pytest.raises(BrokenSeal):
            read(longer)


def test_chunks_cannot_change_places_be_left_out_or_come_twice():
    stored = closed(CONTENT)
    head = head_length(stored)
    one, two = stored[head : head + STEP], stored[head + STEP : head + 2 * STEP]
    last = stored[head + 2 * STEP :]
    assert read(stored[:head] + one + two + last) == CONTENT
    for mixed in (two + one + last, one + last, two + last, one + one + last, one + two + two + last):
        with pytest.raises(BrokenSeal):
            read(stored[:head] + mixed)


def test_the_head_or_a_chunk_of_another_file_is_refused():
    one, other = closed(CONTENT), closed(CONTENT)
    head = head_length(one)
    for mixed in (other[:head] + one[head:], one[: head + STEP] + other[head + STEP :]):
        with pytest.raises(BrokenSeal):
            read(mixed)


def test_a_file_opens_only_as_what_it_was_sealed_as():
    stored = closed(CONTENT)
    with pytest.raises(BrokenSeal, match="不是登记在此处的那一个"):
        read(stored, context="archive-original|cd34")
    assert read(stored, context=None) == CONTENT


def test_without_its_key_it_is_locked_and_not_broken():
    with pytest.raises(LockedFile, match="没有编号为"):
        read(closed(CONTENT), fresh_keyring(CIPHERS["aes"]))
    assert issubclass(LockedFile, OSError)
    assert not issubclass(LockedFile, BrokenSeal)


def test_another_master_key_needs_another_head_only():
    stored = closed(CONTENT)
    rotated = AES.rotated()
    stream = io.BytesIO(stored)
    fresh = read_head(stream).rewrapped(rotated)
    moved = fresh.encoded + stream.read()
    assert moved[len(fresh.encoded) :] == stored[head_length(stored) :]
    assert read(moved, rotated.without(AES.current)) == CONTENT
    with pytest.raises(LockedFile):
        read(moved, AES)
    assert read(stored, rotated) == CONTENT


def test_the_same_file_never_lies_there_the_same_way_twice():
    one, other = closed(b"\x00" * CHUNK * 2), closed(b"\x00" * CHUNK * 2)
    head = head_length(one)
    assert one[head : head + 64] != other[head : head + 64]
    assert one[head : head + STEP] != one[head + STEP : head + 2 * STEP]


def test_files_of_both_ciphers_open_with_one_keyring():
    chosen = Keyring(AES.masters, AES.current, AES.index, CIPHERS["sm4"])
    assert read(closed(CONTENT, chosen), AES) == CONTENT
    assert read(closed(CONTENT, AES), chosen) == CONTENT

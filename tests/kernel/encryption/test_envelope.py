"""A sealed value opens only as a whole, in its own place, with its own key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel.encryption import ciphers
from bianzhi.kernel.encryption.ciphers import CIPHERS, CipherUnavailable, Forged, probed
from bianzhi.kernel.encryption.envelope import MARK, is_sealed, key_of, rewrap, seal, unseal
from bianzhi.kernel.encryption.keyring import Keyring, UnknownKey, fresh_keyring, read_keyring, same

PLACE = "personnel_person|id_number"


@pytest.fixture(params=sorted(CIPHERS))
def keyring(request: pytest.FixtureRequest) -> Keyring:
    return fresh_keyring(CIPHERS[request.param])


@pytest.mark.parametrize("name", sorted(CIPHERS))
def test_a_cipher_opens_the_example_of_its_standard(name):
    assert probed(name).name == name


def test_a_cipher_that_computes_wrongly_stops_the_start(monkeypatch):
    wrong = {"sm4": CIPHERS["aes"]}
    monkeypatch.setattr(ciphers, "CIPHERS", wrong)
    with pytest.raises(CipherUnavailable, match="SM4"):
        probed("sm4")


@given(value=st.text())
def test_what_was_sealed_comes_back(value):
    keyring = fresh_keyring(CIPHERS["sm4"])
    assert unseal(keyring, seal(keyring, value, PLACE), PLACE) == value


def test_the_same_value_is_never_sealed_alike(keyring):
    texts = {seal(keyring, "330699199001011234", PLACE) for _ in range(50)}
    assert len(texts) == 50
    assert all(is_sealed(text) and "330699" not in text for text in texts)


def test_every_altered_character_is_noticed(keyring):
    text = seal(keyring, "330699199001011234", PLACE)
    for place in range(len(MARK), len(text)):
        other = "A" if text[place] != "A" else "B"
        altered = text[:place] + other + text[place + 1 :]
        if place == len(text) - 1 and _same_bytes(text, altered):
            continue
        with pytest.raises(Forged):
            unseal(keyring, altered, PLACE)


def _same_bytes(one: str, other: str) -> bool:
    """The last base64 character may carry bits that belong to no byte."""
    import base64

    raw = [base64.urlsafe_b64decode(text[len(MARK) :] + "=" * (-len(text[len(MARK) :]) % 4)) for text in (one, other)]
    return raw[0] == raw[1]


@pytest.mark.parametrize("text", ["", "bz1.", "bz1.AAAA", "330699199001011234", "bz1.ä", "bz1." + "A" * 200])
def test_what_is_no_sealed_text_is_refused(keyring, text):
    with pytest.raises(Forged):
        unseal(keyring, text, PLACE)


def test_a_text_moved_to_another_column_does_not_open(keyring):
    with pytest.raises(Forged):
        unseal(keyring, seal(keyring, "13900000000", "personnel_person|phone"), PLACE)


def test_another_installation_cannot_open_it(keyring):
    with pytest.raises(UnknownKey, match="没有编号为"):
        unseal(fresh_keyring(keyring.cipher), seal(keyring, "甲", PLACE), PLACE)


def test_after_a_rotation_old_texts_open_and_can_be_moved_to_the_new_key(keyring):
    text = seal(keyring, "甲", PLACE)
    rotated = keyring.rotated()
    assert unseal(rotated, text, PLACE) == "甲"
    moved = rewrap(rotated, text, PLACE)
    assert key_of(moved) == rotated.current != key_of(text)
    alone = rotated.without(keyring.current)
    assert unseal(alone, moved, PLACE) == "甲"
    with pytest.raises(UnknownKey):
        unseal(alone, text, PLACE)


def test_the_current_key_is_not_removed(keyring):
    with pytest.raises(ValueError, match="当前密钥"):
        keyring.without(keyring.current)


def test_texts_of_both_ciphers_live_side_by_side(keyring):
    text = seal(keyring, "甲", PLACE)
    for cipher in CIPHERS.values():
        other = Keyring(keyring.masters, keyring.current, keyring.index, cipher)
        assert unseal(other, text, PLACE) == "甲"


def test_a_keyring_survives_its_file(keyring):
    again = read_keyring(keyring.to_json(), keyring.cipher)
    assert again == keyring


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"current": "00", "keys": {}, "index": ""}', "null"])
def test_a_file_that_holds_no_keys_is_refused(text):
    with pytest.raises(ValueError, match="密钥文件"):
        read_keyring(text)


def test_fingerprints_find_equal_values_of_one_purpose_only(keyring):
    mine = keyring.fingerprint(PLACE, "330699199001011234")
    assert same(mine, keyring.fingerprint(PLACE, "330699199001011234"))
    assert mine != keyring.fingerprint(PLACE, "330699199001011235")
    assert mine != keyring.fingerprint("other", "330699199001011234")
    assert mine != fresh_keyring(keyring.cipher).fingerprint(PLACE, "330699199001011234")
    assert len(mine) == 64

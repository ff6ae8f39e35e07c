from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianzhi.kernel import digests
from bianzhi.kernel.digests import Sm3Unavailable, canonical_json, sm3_hex
from bianzhi.kernel.objections import Severity

LONG_EXAMPLE = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"  # GB/T 32905-2016, example 2


def test_the_two_examples_of_the_standard_are_reproduced():
    assert sm3_hex("abc") == sm3_hex(b"abc") == digests.ABC_DIGEST
    assert sm3_hex("abcd" * 16) == LONG_EXAMPLE


def test_text_is_digested_as_utf8():
    assert sm3_hex("编制") == sm3_hex("编制".encode())


@given(st.binary(max_size=300))
def test_both_implementations_agree(data):
    assert digests._cryptography_sm3(data) == sm3_hex(data)


def test_a_wrong_or_missing_algorithm_is_never_put_in_its_place():
    def missing(data):
        raise ValueError("unsupported hash type sm3")

    assert digests._probe(missing, digests._cryptography_sm3) is digests._cryptography_sm3
    with pytest.raises(Sm3Unavailable, match="SM3"):
        digests._probe(missing, lambda data: "0" * 64)


def test_a_value_has_one_writing():
    row = {"b": date(2025, 1, 1), "a": [1, True, None, "虞\n"], "c": {"z": Decimal("1.50"), "y": Severity.WARN}}
    assert canonical_json(row) == '{"a":[1,true,null,"虞\\n"],"b":"2025-01-01","c":{"y":"warn","z":"1.50"}}'
    assert canonical_json((1, UUID(int=1))) == '[1,"00000000-0000-0000-0000-000000000001"]'


def test_one_moment_has_one_writing_in_every_zone():
    moment = datetime(2025, 1, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
    assert canonical_json(moment) == canonical_json(moment.astimezone(UTC)) == '"2025-01-01T00:00:00.000000+00:00"'


@pytest.mark.parametrize(
    "value", [1.5, {1: "x"}, {"x"}, b"x", datetime.fromisoformat("2025-01-01"), object(), {"a": [0.1]}]
)
def test_what_has_no_single_writing_is_refused(value):
    with pytest.raises(TypeError):
        canonical_json(value)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=5))
def test_the_order_of_keys_does_not_matter(row):
    assert canonical_json(row) == canonical_json(dict(reversed(row.items())))

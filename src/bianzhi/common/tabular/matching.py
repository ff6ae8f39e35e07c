"""Gives each field its best column and each column one field, by wording, resemblance and what the column holds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bianzhi.common.tabular.cells import column_letter, text_of
from bianzhi.common.tabular.headings import Header, exact_claims, resembling_claims
from bianzhi.common.tabular.kinds import Field, ImportKind, ValueKind
from bianzhi.common.tabular.recognition import Basis, ColumnMatch
from bianzhi.common.tabular.values import ValueProblem, read_value
from bianzhi.common.tabular.workbook import Sheet

EVIDENCE_ROWS: Final = 200
_SURE: Final = 0.8
_LEAST_SCORE: Final = 0.45
_VALUES_ONLY: Final = 0.6
_NEEDED: Final = 0.001
_TELLING: Final = frozenset({ValueKind.ID_NUMBER, ValueKind.CREDIT_CODE})

Claims = dict[str, tuple[float, Basis]]


def assigned(sheet: Sheet, kind: ImportKind, header: Header, columns: list[ColumnMatch]) -> list[ColumnMatch]:
    """Give each field its best column and each column one field, the surest claims first."""
    claims = [_claims(sheet, kind, header, match) for match in columns]
    ranked = sorted(
        (
            (score + _NEEDED * kind.by_key[key].required, -position, key, basis)
            for position, own in enumerate(claims)
            for key, (score, basis) in own.items()
        ),
        reverse=True,
    )
    owner: dict[str, int] = {}
    taken: dict[int, tuple[str, float, Basis]] = {}
    for _, negated, key, basis in ranked:
        score = claims[-negated][key][0]
        if score >= _LEAST_SCORE and key not in owner and -negated not in taken:
            owner[key] = -negated
            taken[-negated] = (key, score, basis)
    return [
        _decided(sheet, kind, header, match, taken.get(position), claims[position], owner, claims)
        for position, match in enumerate(columns)
    ]


def _claims(sheet: Sheet, kind: ImportKind, header: Header, match: ColumnMatch) -> Claims:
    if not match.path:
        return {}
    exact = exact_claims(kind, match.path)
    if exact:
        return {key: (score, Basis.WORDING) for key, score in exact.items()}
    if match.ignored:
        return {}
    claims = {
        key: (score * (0.4 + 0.6 * plausibility(sheet, header, match.column, kind.by_key[key])), Basis.RESEMBLANCE)
        for key, score in resembling_claims(kind, match.path).items()
    }
    for one in kind.fields:
        if one.kind in _TELLING and one.key not in claims and plausibility(sheet, header, match.column, one) >= _SURE:
            claims[one.key] = (_VALUES_ONLY, Basis.VALUES)
    return claims


def plausibility(sheet: Sheet, header: Header, column: int, one: Field) -> float:
    """The share of a column's values, blanks aside, that read as the field; 1 when it holds nothing."""
    read = failed = 0
    for row in range(header.below, min(len(sheet.rows), header.below + EVIDENCE_ROWS)):
        value = sheet.own(row, column)
        if not text_of(value):
            continue
        try:
            read_value(value, one)
            read += 1
        except ValueProblem:
            failed += 1
    return read / (read + failed) if read + failed else 1.0


def _decided(
    sheet: Sheet,
    kind: ImportKind,
    header: Header,
    match: ColumnMatch,
    taken: tuple[str, float, Basis] | None,
    own: Claims,
    owner: Mapping[str, int],
    claims: list[Claims],
) -> ColumnMatch:
    ranked = sorted(own, key=lambda key: -own[key][0])
    if taken is None:
        doubt = ""
        if ranked and own[ranked[0]][0] >= _SURE:
            rival = column_letter(owner[ranked[0]])
            doubt = f"看上去也是「{kind.label_of(ranked[0])}」，但已采用 {rival} 列，请确认"
        return replace(match, alternatives=tuple(ranked), doubt=doubt)
    key, score, basis = taken
    others = tuple(one for one in ranked if one != key)
    doubt = _doubt(sheet, kind, header, match, taken)
    return replace(match, field=key, score=round(score, 3), basis=basis, alternatives=others, doubt=doubt)


def _doubt(sheet: Sheet, kind: ImportKind, header: Header, match: ColumnMatch, taken: tuple[str, float, Basis]) -> str:
    key, _, basis = taken
    label = kind.label_of(key)
    if basis is Basis.VALUES:
        return f"按内容推断为「{label}」，请确认"
    if basis is Basis.RESEMBLANCE:
        return f"列名与「{label}」相近，请确认"
    if match.samples and plausibility(sheet, header, match.column, kind.by_key[key]) < 0.5:
        return f"列名是「{label}」，但内容多数读不成{label}，请确认"
    return ""

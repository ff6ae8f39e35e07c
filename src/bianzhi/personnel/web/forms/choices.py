"""Fields of codes and of internal bodies."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from bianzhi.common.web.forms import PinyinSelect
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.selectors.units import bodies


class CodeField(forms.ChoiceField):
    """One code of a code set; `only` narrows it to some of them."""

    def __init__(self, code_set: str, *, only: Iterable[str] = (), empty: str = "请选择", **kwargs: Any) -> None:
        wanted = tuple(only)
        choices = [(code, name) for code, name in codes(code_set).choices() if not wanted or code in wanted]
        kwargs.setdefault("label", codes(code_set).title)
        widget = PinyinSelect if len(choices) > 12 else forms.Select
        super().__init__(choices=[("", empty), *choices], widget=widget, **kwargs)


class BodyField(forms.TypedChoiceField):
    """An internal body of one unit, or the unit itself (空); the view says of which unit by `offer`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "内设机构")
        super().__init__(coerce=int, empty_value=None, required=False, **kwargs)

    def offer(self, organization_id: int, day: date) -> None:
        """Offer the bodies of a unit on a day."""
        found = [(str(row.body_id), row.name) for row in bodies(organization_id, day)]
        self.choices = [("", "单位本级（不定到科室）"), *found]


class EvidenceField(forms.MultipleChoiceField):
    """The papers of a mode that were seen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label="已核验的证明材料", required=False, widget=forms.CheckboxSelectMultiple, **kwargs)

    def offer(self, papers: Iterable[str]) -> None:
        """Offer the papers of a mode."""
        self.choices = [(paper, paper) for paper in papers]

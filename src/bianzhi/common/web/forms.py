"""Forms that read what people write, and say what is wrong in the words of the rules."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from bianzhi.common.web import lookups
from bianzhi.kernel.dates import DateError, Precision, require_date
from bianzhi.kernel.identifiers.document_number import parse_document_number
from bianzhi.kernel.identifiers.id_number import parse_id_number
from bianzhi.kernel.numbers import NumberError, parse_whole_number
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.kernel.pinyin import initials, organisation_pinyin

MOST: Final = 10_000_000
"""The largest number of a field that names no other: more than the posts of a province."""


class BaseForm(forms.Form):
    """A form of the platform: styled controls, an error summary, and the objections of a refused act.

    A field gets a wider cell with `field.css = "span-2"` (or "span-all"). A `LookupField` needs `user=`.
    """

    wide: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.objections: list[Objection] = []
        for name, field in self.fields.items():
            field.css = "span-all" if name in self.wide else ""  # type: ignore[attr-defined]
            _style(field)
            if isinstance(field, LookupField):
                field.user = user

    def add_objections(self, refusal: Refused | Iterable[Objection]) -> None:
        """Show why the act was refused (or warned of) above the fields; what was typed stays."""
        self.objections.extend(refusal.objections if isinstance(refusal, Refused) else refusal)

    @property
    def error_count(self) -> int:
        """How many lines the error summary has."""
        return sum(len(texts) for texts in self.errors.values())


def _style(field: forms.Field) -> None:
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple | forms.HiddenInput):
        return
    widget.attrs.setdefault("class", "input")
    if isinstance(widget, forms.Textarea):
        widget.attrs["rows"] = widget.attrs.get("rows") if widget.attrs.get("rows") != "10" else "3"
    if isinstance(widget, forms.TextInput):
        widget.attrs.setdefault("autocomplete", "off")


class DayField(forms.CharField):
    """A day in any usual writing (19870605, 1987.6.5, 1987年6月5日); gives a date.

    With `month_is_enough` a month (1987.6) is taken for its first day, as rosters write birth and appointment dates.
    """

    def __init__(self, *, month_is_enough: bool = False, **kwargs: Any) -> None:
        self.month_is_enough = month_is_enough
        kwargs.setdefault("help_text", "可写 1987-06-05、19870605" + ("、1987.6" if month_is_enough else ""))
        super().__init__(max_length=20, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "numeric"}

    def to_python(self, value: Any) -> date | None:  # type: ignore[override]
        if isinstance(value, date):
            return value
        text = super().to_python(value)
        if not text:
            return None
        if self.max_length is not None and len(text) > self.max_length:
            raise ValidationError(f"日期不超过 {self.max_length} 个字，现为 {len(text)} 个。")
        try:
            written = require_date(text)
        except DateError as error:
            raise ValidationError(f"{error}。") from error
        if written.precision is Precision.DAY or (self.month_is_enough and written.precision is Precision.MONTH):
            return written.day
        raise ValidationError(f"“{text}”没有写到{'月' if self.month_is_enough else '日'}，请补全。")

    def prepare_value(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    def run_validators(self, value: Any) -> None:
        """The length was checked before reading it; what was read is no text any longer."""


class IdNumberField(forms.CharField):
    """A citizen's ID number (R16); 15 digits are lengthened, damaged and impossible ones refused with the reason."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "身份证号")
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return parse_id_number(text).value
        except ValueError as error:
            raise ValidationError(f"{error}。") from error


class DocNoField(forms.CharField):
    """A document number; an unusual bracket or space is put right (〔〕), an unusual number is kept as written."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "文号")
        kwargs.setdefault("help_text", "如 云编〔2026〕9号；括号、空格写法不限")
        super().__init__(max_length=100, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        return parse_document_number(text).text if text else ""


class CountField(forms.CharField):
    """A whole number as people write it (12、１２、十二); gives an int, not negative unless allowed."""

    def __init__(
        self, *, negative: bool = False, minimum: int | None = None, maximum: int | None = None, **kwargs: Any
    ) -> None:
        self.negative, self.minimum = negative, minimum
        self.maximum = MOST if maximum is None else maximum
        super().__init__(max_length=12, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "inputmode": "numeric"}

    def clean(self, value: Any) -> int | None:
        if isinstance(value, int):
            number: int | None = value
        else:
            text = super().clean(value)
            try:
                number = parse_whole_number(text, negative=self.negative) if text else None
            except NumberError as error:
                raise ValidationError(f"{error}。") from error
        if number is not None and self.minimum is not None and number < self.minimum:
            raise ValidationError(f"不能小于 {self.minimum}，现为 {number}。")
        if number is not None and abs(number) > self.maximum:
            raise ValidationError(f"不能大于 {self.maximum}，现为 {abs(number)}。")
        return number


class LookupWidget(forms.TextInput):
    """A text control that the browser turns into a search; without JavaScript the exact name is typed."""

    def __init__(self, lookup: str) -> None:
        self.lookup = lookup
        self.label_of: Any = None
        super().__init__()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["attrs"]["data-lookup"] = lookups.url_of(self.lookup)
        if value and self.label_of is not None:
            context["widget"]["attrs"]["data-label"] = self.label_of(value)
        return context


class LookupField(forms.CharField):
    """One of many things (an organisation, a person), found by typing; gives the object of the registered lookup."""

    widget: LookupWidget

    def __init__(self, lookup: str, **kwargs: Any) -> None:
        self.lookup = lookup
        self.user: Any = None
        super().__init__(widget=LookupWidget(lookup), max_length=200, **kwargs)
        self.widget.label_of = self._label

    def __deepcopy__(self, memo: dict[int, Any]) -> "LookupField":
        copied: LookupField = super().__deepcopy__(memo)
        copied.widget.label_of = copied._label
        return copied

    def prepare_value(self, value: Any) -> Any:
        return getattr(value, "pk", value)

    def clean(self, value: Any) -> Any:
        text = super().clean(value if value is None else str(getattr(value, "pk", value)))
        if not text:
            return None
        found = lookups.find(self.lookup).get(self.user, text)
        if found is None:
            raise ValidationError(f"没有找到“{text}”，或者它不在您的管理范围内。请从列表中选择，或输入完整名称。")
        return found

    def _label(self, value: Any) -> str:
        lookup = lookups.find(self.lookup)
        found = lookup.get(self.user, str(value))
        return str(value) if found is None else lookup.label(found)


class LookupListField(LookupField):
    """Several of many things (units, colleagues), found by typing; gives the list of objects of the registered lookup.

    The browser sends keys joined by commas; where JavaScript does not run, names are typed, parted by 、 or a comma.
    """

    def __init__(self, lookup: str, *, most: int = 100, **kwargs: Any) -> None:
        self.most = most
        super().__init__(lookup, **kwargs)
        self.max_length = 20 * most
        self.widget.attrs.update({"data-many": "", "maxlength": str(self.max_length)})

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return ",".join(str(getattr(each, "pk", each)) for each in value)
        return value

    def clean(self, value: Any) -> list[Any]:
        words = [word.strip() for word in re.split("[,，、;；\n]", str(value or "")) if word.strip()]
        if len(words) > self.most:
            raise ValidationError(f"最多选择 {self.most} 个，现为 {len(words)} 个。")
        found = {chosen.pk: chosen for word in words if (chosen := super(LookupListField, self).clean(word))}
        if self.required and not found:
            raise ValidationError(self.error_messages["required"], code="required")
        return list(found.values())

    def _label(self, value: Any) -> str:
        label = super()._label
        return "\n".join(label(key) for key in str(value).split(",") if key)


class PinyinSelect(forms.Select):
    """A long list of fixed choices, searchable by characters and 拼音首字母 in the browser."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.attrs["data-select"] = ""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        option["attrs"]["data-pinyin"] = initials(organisation_pinyin(str(option["label"])))
        return option

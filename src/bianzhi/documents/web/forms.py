"""Forms of approval documents, and the picker that every form citing one contains."""

from typing import Any, Final

from django import forms
from django.forms import BoundField

from bianzhi.audit.actors import Actor
from bianzhi.common.web.forms import BaseForm, DayField, DocNoField, LookupField
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.documents.services import register_document

PREFIX: Final = "new_"
ESSENTIAL: Final = ("doc_no", "title", "issuer", "issued_on")


class DocumentForm(BaseForm):
    """One document as it stands on paper."""

    wide: tuple[str, ...] = ("title", "note")

    doc_no = DocNoField()
    issued_on = DayField(label="成文日期")
    title = forms.CharField(label="标题", max_length=300)
    issuer = forms.CharField(label="发文机关", max_length=120, help_text="全称，如 中共某某区委机构编制委员会")
    issuer_level = forms.ChoiceField(label="发文层级", choices=IssuerLevel.choices, initial=IssuerLevel.OFFICE)
    kind = forms.ChoiceField(label="种类", choices=DocumentKind.choices, initial=DocumentKind.REPLY)
    note = forms.CharField(label="备注", max_length=500, required=False, help_text="如存放位置；涉密文件不得登记")


class CorrectionForm(DocumentForm):
    """A document's facts put right, with the reason."""

    wide = ("title", "note", "reason")

    reason = forms.CharField(label="更正理由", max_length=200, min_length=4, widget=forms.Textarea)


class DocumentFormMixin(BaseForm):
    """The part of a form that says on which document an act rests.

    A registered document is chosen by 文号 or title, or a new one is entered; exactly one of both. The view calls
    `approval_document(actor)` inside the unit of work of the act, so that a refused act leaves no document behind.
    Templates include "documents/document_picker.html" and list `form.own_fields` themselves. `document_label` names
    what is asked for.
    """

    document_label = "依据文件"

    document = LookupField("document", label="已登记的文件", required=False, help_text="文号中的括号、空格写法不限")
    new_doc_no = DocNoField(required=False)
    new_issued_on = DayField(label="成文日期", required=False)
    new_title = forms.CharField(label="标题", max_length=300, required=False)
    new_issuer = forms.CharField(label="发文机关", max_length=120, required=False)
    new_issuer_level = forms.ChoiceField(
        label="发文层级", choices=IssuerLevel.choices, initial=IssuerLevel.OFFICE, required=False
    )
    new_kind = forms.ChoiceField(label="种类", choices=DocumentKind.choices, initial=DocumentKind.REPLY, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].widget.attrs["placeholder"] = "输入文号或标题查找"
        self.fields["new_title"].css = "span-2"  # type: ignore[attr-defined]

    @property
    def own_fields(self) -> list[BoundField]:
        """The visible fields of the form that do not belong to the picker."""
        return [bound for bound in self.visible_fields() if not self._is_of_picker(bound.name)]

    @property
    def new_document_fields(self) -> list[BoundField]:
        """The fields of a document not registered yet."""
        return [bound for bound in self.visible_fields() if bound.name.startswith(PREFIX)]

    @property
    def enters_new_document(self) -> bool:
        """Whether something was typed into the fields of a new document, so that they are shown open."""
        return any(str(self[PREFIX + name].value() or "").strip() for name in ESSENTIAL)

    @staticmethod
    def _is_of_picker(name: str) -> bool:
        return name == "document" or name.startswith(PREFIX)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        given = [name for name in ESSENTIAL if cleaned.get(PREFIX + name)]
        failed = [name for name in (*ESSENTIAL, "") if (PREFIX + name if name else "document") in self.errors]
        if cleaned.get("document") is not None and given:
            self.add_error("document", "已选择登记过的文件，又填写了新文件；请只保留其一。")
        elif cleaned.get("document") is None and not given and not failed:
            self.add_error("document", f"请选择{self.document_label}；尚未登记的，请在下方“登记新文件”中填写。")
        elif given:
            self._check_new(cleaned, failed)
        return cleaned

    def _check_new(self, cleaned: dict[str, Any], failed: list[str]) -> None:
        for name in ESSENTIAL:
            if not cleaned.get(PREFIX + name) and name not in failed:
                self.add_error(PREFIX + name, "登记新文件时必须填写。")
        for objection in objections_to_secrecy(标题=str(cleaned.get("new_title", ""))):
            self.add_error("new_title", str(objection))

    def approval_document(self, actor: Actor) -> ApprovalDocument:
        """The chosen document, or the new one, registered; raises Refused as `register_document` does."""
        chosen: ApprovalDocument | None = self.cleaned_data["document"]
        if chosen is not None:
            return chosen
        cleaned = self.cleaned_data
        return register_document(
            actor=actor,
            doc_no=cleaned["new_doc_no"],
            title=cleaned["new_title"],
            issuer=cleaned["new_issuer"],
            issuer_level=cleaned["new_issuer_level"] or IssuerLevel.OFFICE,
            kind=cleaned["new_kind"] or DocumentKind.REPLY,
            issued_on=cleaned["new_issued_on"],
        )

"""The forms of an import: the file, what is decided before it is written, and the columns of a sheet."""

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from bianzhi.common.tabular.limits import DEFAULT_LIMITS, MEBIBYTE
from bianzhi.common.tabular.reading import ACCEPTED_SUFFIXES
from bianzhi.common.tabular.recognition import Recognition, Role, SheetRecognition
from bianzhi.common.web.forms import BaseForm, CountField, DayField, DocNoField, LookupField
from bianzhi.imports.models import ImportBatch
from bianzhi.imports.recognition.kinds import KINDS

KIND_CHOICES: Final = [(kind.key, kind.label) for kind in KINDS.values()]
SAMPLES: Final = 3
MOST: Final = DEFAULT_LIMITS.file_bytes // MEBIBYTE


class UploadForm(BaseForm):
    """The file and, if it is known, what it holds."""

    file = forms.FileField(
        label="表格文件",
        help_text=f"支持 .xlsx、.xls、.csv，最大 {MOST} MB；不用改表头，也不必套用模板",
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED_SUFFIXES)}),
    )
    kind = forms.ChoiceField(
        label="导入内容", required=False, choices=[("", "自动判断"), *KIND_CHOICES], help_text="判断有误时下一步可以改"
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Refuse what is too large before it is read into memory."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > DEFAULT_LIMITS.file_bytes:
            size = f"{(file.size or 0) / MEBIBYTE:.1f} MB"
            raise forms.ValidationError(
                f"文件有 {size}，超过上限 {MOST} MB。请删去图片和无关的工作表，或分成几个文件。"
            )
        return file


class OptionsForm(BaseForm):
    """What is decided before a checked batch is written."""

    document = LookupField(
        "document", label="依据文件（底册）", required=False, help_text="已登记的文件；不选则按右边填写的文号新登记"
    )
    doc_no = DocNoField(label="新登记底册的文号", required=False, help_text="留空则自动编号：导入登记〔年〕序号")
    opening_on = DayField(label="底册日期", required=False, help_text="期初数从这一天起生效，默认今天")
    title = forms.CharField(label="名称", required=False, max_length=200)
    year = CountField(label="计划年度", required=False, minimum=2000)
    update_soft = forms.BooleanField(
        label="更新已登记人员的普通信息（职级、职称、学历、电话等，不含锁定字段）", required=False
    )
    skip_rejected = forms.BooleanField(label="跳过有错误的行，导入其余的行", required=False)

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, initial=batch.options, **kwargs)
        if batch.kind != "staffing-plan":
            del self.fields["year"]
        else:
            self.fields["title"].label = "计划名称"
            self.fields["title"].help_text = "留空则取表格标题"
        if batch.kind != "roster":
            del self.fields["update_soft"]
        if not batch.counts.get("rejected"):
            del self.fields["skip_rejected"]

    def as_options(self) -> dict[str, Any]:
        """The options as a batch keeps them."""
        cleaned = dict(self.cleaned_data)
        document, day = cleaned.get("document"), cleaned.get("opening_on")
        return {
            **cleaned,
            "document": document.pk if document else None,
            "opening_on": day.isoformat() if day else None,
        }


class SheetColumns:
    """One sheet on the columns page: what was recognised, and how to read back what a person chose.

    A sheet with the same headings as an earlier one (`leader`) follows its choices: a workbook with a sheet for each of
    fifty units is put right once.
    """

    def __init__(
        self, index: int, sheet: SheetRecognition, recognition: Recognition, leader: "SheetColumns | None" = None
    ) -> None:
        self.index = index
        self.sheet = sheet
        self.leader = leader
        self.kind = recognition.kind
        self.is_table = sheet.role is Role.TABLE
        self.is_skipped = sheet.role is Role.SKIPPED

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Fields a column may be given to."""
        return [("", "不导入"), *((one.key, one.label) for one in self.kind.fields)]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One dictionary for each column, for the template."""
        return [
            {
                "name": f"f-{self.index}-{match.column}",
                "letter": match.letter,
                "heading": match.heading or "（无列名）",
                "samples": match.samples[:SAMPLES],
                "field": match.field,
                "basis": match.basis.label if match.field else "",
                "score": round(match.score * 100) if match.field else None,
                "doubt": match.doubt,
                "ignored": match.ignored and not match.field,
            }
            for match in self.sheet.columns
        ]

    @property
    def captions(self) -> list[dict[str, str]]:
        """Fields that may hold one value for the whole sheet, as the unit of a roster that names none."""
        given = dict(self.sheet.captions)
        return [
            {"name": f"c-{self.index}-{one.key}", "label": one.label, "value": given.get(one.key, "")}
            for one in self.kind.fields
            if one.captioned and one.key not in self.sheet.fields
        ]

    @property
    def header_name(self) -> str:
        """The control of the header's row."""
        return f"h-{self.index}"

    @property
    def height_name(self) -> str:
        """The control of the header's height."""
        return f"hh-{self.index}"

    @property
    def skip_name(self) -> str:
        """The control that leaves the sheet out."""
        return f"skip-{self.index}"

    @property
    def header_row(self) -> int:
        """Excel's number of the header row now."""
        return self.sheet.header_row or 1

    @property
    def header_height(self) -> int:
        """Rows of the header now."""
        return self.sheet.header.height if self.sheet.header else 1

    def correction(self, posted: MultiValueDict[str, str]) -> dict[str, Any]:
        """What the person chose differently; empty when nothing. A new header drops the choices of columns."""
        found: dict[str, Any] = {}
        if posted.get(self.skip_name):
            return {"skip": True}
        row, height = _number(posted.get(self.header_name)), _number(posted.get(self.height_name))
        if row and height and (row, height) != (self.header_row, self.header_height):
            return {"header": [row, height]}
        source = self.leader.index if self.leader else self.index
        chosen = {
            match.column: posted[f"f-{source}-{match.column}"]
            for match in self.sheet.columns
            if f"f-{source}-{match.column}" in posted
        }
        if any(chosen[match.column] != match.field for match in self.sheet.columns if match.column in chosen):
            found["fields"] = {str(column): key for column, key in chosen.items()}
        captions = {one["name"].split("-", 2)[2]: (posted.get(one["name"]) or "").strip() for one in self.captions}
        if any(value != dict(self.sheet.captions).get(key, "") for key, value in captions.items()):
            found["captions"] = captions
        if self.is_skipped:
            found["skip"] = False
        return found


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0

"""The words of a paper, the same on the print page and in the PDF."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.matters.models import IssuedPaper
from bianzhi.organizations.selectors.units import names_on

GROUP: Final = 4
"""A code is read in groups of four."""
OFFICE: Final = "机构编制委员会办公室"


def spaced(code: str) -> str:
    """ABCD EFGH JKMN PQRS."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def check_address(request: HttpRequest) -> str:
    """Where anybody has a paper checked: as configured, else as the caller reached the site."""
    site = settings.SITE_URL or f"{request.scheme}://{request.get_host()}"
    return f"{site}{reverse('verify')}"


def chinese_day(day: date) -> str:
    """2026年3月2日."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """What stands on a paper besides its content."""

    paper: IssuedPaper
    unit: str
    signer: str
    office: str
    check_at: str

    @classmethod
    def of(cls, paper: IssuedPaper, *, tenant: str, check_at: str) -> "PaperSheet":
        """The sheet of a paper, with its unit called as it was on the day of issue."""
        signer = User.objects.filter(pk__in=[paper.issued_by_id]).values_list("display_name", flat=True).first()
        unit = paper.case.organization_id
        name = names_on([unit], timezone.localdate(paper.issued_at)).get(unit, "")
        return cls(paper, name, signer or "", tenant or OFFICE, check_at)

    @property
    def day(self) -> str:
        """The day of issue."""
        return chinese_day(timezone.localdate(self.paper.issued_at))

    @property
    def code(self) -> str:
        """The code in groups."""
        return spaced(self.paper.code)

    @property
    def opening(self) -> str:
        """The sentence above the table."""
        case = self.paper.case
        return f"你单位申请的“{case.title}”（业务编号 {case.number}）已经核准，办理内容如下。"

    @property
    def void(self) -> str:
        """That the paper no longer holds, and why; "" while it does."""
        paper = self.paper
        if paper.revoked_at is None:
            return ""
        return f"本文书已于 {chinese_day(timezone.localdate(paper.revoked_at))} 作废：{paper.revoke_reason}"

    def to_typeset(self, *, synthetic: bool) -> dict[str, Any]:
        """What typeset/paper.typ reads."""
        content = self.paper.content
        return {
            "title": self.paper.title,
            "number": self.paper.number,
            "void": self.void,
            "unit": self.unit,
            "opening": self.opening,
            "lines": content.get("lines", []),
            "head": content.get("head", []),
            "rows": content.get("rows", []),
            "closing": content.get("closing", ""),
            "seal": "〔印章位置〕",
            "office": self.office,
            "day": self.day,
            "signer_words": f"签发：{self.signer}",
            "code_words": f"验证码：{self.code}",
            "check_words": f"验证地址：{self.check_at}（填写编号和验证码核对真伪）",
            "synthetic": synthetic,
            "synthetic_words": "虚构数据　不作依据",
        }

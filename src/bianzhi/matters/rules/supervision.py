"""What the steps of 督查 and 处理 write into the form of every matter that is supervised."""

from typing import Final

from bianzhi.matters.rules.fields import FieldSpec, Kind

SEVERITIES: Final = (("minor", "一般"), ("serious", "较重"), ("grave", "严重"))
AT_SUPERVISE: Final = ("supervise_kind", "supervise_severity", "supervise_measures", "supervise_due_on")
AT_RECTIFY: Final = ("rectify_report",)

FIELDS: Final = (
    FieldSpec(
        "supervise_kind",
        Kind.CODE,
        "问题类别",
        locked=True,
        choices_of="problem_kind",
        section="督查",
        help="发现问题（不同意）时填写，不填为“办件手续不合规”",
    ),
    FieldSpec("supervise_severity", Kind.CHOICE, "严重程度", locked=True, options=SEVERITIES, help="不填为“一般”"),
    FieldSpec("supervise_due_on", Kind.DAY, "整改期限", locked=True, help="不填按一般整改期限"),
    FieldSpec("supervise_measures", Kind.TEXTAREA, "整改要求", locked=True, max_length=1000, help="问题事实写在意见中"),
    FieldSpec("rectify_report", Kind.TEXTAREA, "整改情况", locked=True, max_length=2000, section="整改"),
)
"""Fields of the form, none of which the applicant fills in when applying."""

"""The acts of cases and matters, as the audit record names them."""

from typing import Final

ACTS: Final[dict[str, str]] = {
    "matters.case_begun": "起草申请",
    "matters.case_discarded": "废弃申请草稿",
    "matters.attached": "上传附件",
    "matters.attachment_removed": "移除附件",
    "matters.submitted": "提交申请",
    "matters.resubmitted": "补正后再次提交",
    "matters.filled_in": "办理环节填写表单",
    "matters.scan_attached": "上传文件扫描件",
    "matters.numbers_revealed": "查看办件中的完整身份证号",
    "matters.overridden": "对办件放行规则",
    "matters.installed": "装入事项",
    "matters.version_saved": "保存事项草稿",
    "matters.version_published": "发布事项版本",
    "matters.paper_issued": "签发文书",
    "matters.paper_revoked": "作废文书",
    "matters.feedback_given": "评价办件",
    "matters.publication_opened": "发布公示",
    "matters.publication_moved": "公示止日变更",
    "matters.publication_closed": "公示期满",
    "matters.publication_withdrawn": "撤下公示",
    "matters.objection_raised": "登记公示异议",
    "matters.objection_answered": "处理公示异议",
}

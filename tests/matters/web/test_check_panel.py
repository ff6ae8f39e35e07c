"""What the panel beside a form says of the application as it stands."""

from tests.matters import establishing as decided
from tests.matters.web.conftest import form_url, text_of

MATTERS = ("P09",)


def test_who_decides_is_said_once_it_is_certain(matters, at_desk):
    unsaid = matters.draft("P09", {"reason": "职能调整"}, papers=False)
    assert "按填写内容，" not in text_of(at_desk(matters.clerk).get(form_url(unsaid)))
    renamed = {"act": "change", "body": matters.cast.finance_section.pk, "name": "预算管理科"}
    said = matters.draft("P09", {"unit": matters.cast.bureau.pk, "bodies": [renamed], **decided.REASONS}, papers=False)
    assert "按填写内容，内设机构只更名的：由区委编办审批" in text_of(at_desk(matters.clerk).get(form_url(said)))

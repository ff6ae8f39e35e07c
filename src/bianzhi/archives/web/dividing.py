"""手工分件: the archivist names the pages at which a new 件 begins."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from bianzhi.archives.models import Item
from bianzhi.archives.services.dividing import divide_draft
from bianzhi.archives.web.acting import FormPage
from bianzhi.archives.web.links import describe_url
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.forms import BaseForm

SEPARATORS = re.compile(r"[\s,，、;；]+")


class DividingForm(BaseForm):
    """Where new items begin."""

    at = forms.CharField(label="从这些页起各为新的一件", max_length=200, help_text="页次以顿号或逗号分开，如 3、5、9")

    def clean_at(self) -> list[int]:
        """The page numbers."""
        parts = [part for part in SEPARATORS.split(self.cleaned_data["at"]) if part]
        if not all(part.isdecimal() and len(part) <= 5 for part in parts):
            raise ValidationError("请只写页次，以顿号或逗号分开，如 3、5、9。")
        return [int(part) for part in parts]


@page("archives.manage")
@require_http_methods(["GET", "POST"])
def divide(request: PageRequest, pk: int) -> HttpResponse:
    """Take a draft apart."""
    item = get_visible_or_404(Item, request.user, pk)
    form, back = DividingForm(request.POST or None, user=request.user), describe_url(item)

    def act() -> tuple[str, str]:
        parts: list[Any] = divide_draft(actor=request.user, item_id=item.pk, at=form.cleaned_data["at"])
        return describe_url(parts[0]), f"已分为 {len(parts)} 件，请逐件著录。"

    lead = f"《{item.title}》共 {item.page_count} 页。分开以后各件使用同一原件中各自的页，原件不变。"
    return FormPage(
        request=request, form=form, act=act, title="手工分件", submit="分件", back=back, lead=lead
    ).respond()

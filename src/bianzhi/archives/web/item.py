"""One item: what it is, its pages and files, what it proves, who used it."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.archives.models import Item, ItemState, Opening, Page
from bianzhi.archives.selectors.files import newest_files
from bianzhi.archives.selectors.rights import rights_of
from bianzhi.archives.selectors.subjects import proofs_of
from bianzhi.archives.services.relations import DOCUMENT, ENTRY, relate, revoke_relation
from bianzhi.archives.web.facts import facts_of
from bianzhi.archives.web.links import item_url, viewer_url
from bianzhi.archives.web.suggestions import figures_on
from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.forms import BaseForm, CountField, LookupField
from bianzhi.common.web.lists import Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.entries import visible_entries
from bianzhi.organizations.models import Organization

PAGE = "archives.item"
VIEW = "archives.view"
MANAGE = "archives.manage"
UNIT = Organization._meta.label_lower
NEWEST = 6


class RelationForm(BaseForm):
    """What an item, or one page of it, is proof of: one of the three."""

    document = LookupField("document", label="批准文件", required=False)
    organization = LookupField("organization", label="机构", required=False)
    entry = forms.CharField(label="台账号", max_length=40, required=False)
    at = CountField(label="页次", required=False, minimum=1, help_text="不填为全件")

    def clean(self) -> dict[str, Any]:
        stated: dict[str, Any] = super().clean() or {}
        number = stated.get("entry")
        if number:
            found = visible_entries(self.user, clock.today()).filter(number=number).first()
            if found is None:
                self.add_error("entry", f"没有台账条目“{number}”，或者它不在您的管理范围内。")
            stated["entry"] = found
        if not self.errors and not any(stated.get(name) for name in ("document", "organization", "entry")):
            self.add_error("document", "请选择批准文件、机构或填写台账号中的一项。")
        return stated

    def subjects(self) -> list[tuple[str, Any]]:
        """(kind, row) of what was chosen."""
        kinds = {"document": DOCUMENT, "organization": UNIT, "entry": ENTRY}
        return [(kind, row) for name, kind in kinds.items() if (row := self.cleaned_data.get(name))]


@page(VIEW)
@require_safe
def item(request: PageRequest, pk: int) -> HttpResponse:
    """The page of an item."""
    found = get_visible_or_404(Item, request.user, pk)
    return _shown(request, found, RelationForm(user=request.user))


def _shown(request: PageRequest, found: Item, form: RelationForm, *, status: int = 200) -> HttpResponse:
    rights = rights_of(request.user, found)
    may_manage = request.user.can(MANAGE)
    context: dict[str, Any] = {
        "item": found,
        "facts": facts_of(found),
        "rights": rights,
        "files": newest_files(found),
        "pages": _pages(found),
        "proofs": [
            (
                f"revoke-{proved.relation.pk}",
                proved,
                viewer_url(found.pk, proved.relation.page, box=proved.relation.box),
            )
            for proved in proofs_of(request.user, found)
        ],
        "may_manage": may_manage,
        "is_draft": found.state == ItemState.DRAFT,
        "form": form,
        "panels": [shown for shown in tabs.panels_for(request, PAGE, found) if shown.strip()],
        "side": [shown for shown in tabs.panels_for(request, PAGE, found, slot="side") if shown.strip()],
    }
    if may_manage:
        context["openings"] = found.openings.select_related("user").order_by("-pk")[:NEWEST]
    if request.user.can("ledger.post"):
        context["figures"] = figures_on(found)
    return render(request, "archives/item.html", context, status=status)


def _pages(found: Item) -> list[tuple[Page, str]]:
    if found.is_disposed:
        return []
    return [(each, viewer_url(found.pk, each.number)) for each in found.pages.order_by("number")]


@page(MANAGE)
@require_POST
def add_relation(request: PageRequest, pk: int) -> HttpResponse:
    """State what the item proves."""
    found = get_visible_or_404(Item, request.user, pk)
    form = RelationForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            for kind, row in form.subjects():
                relate(
                    actor=request.user,
                    item_id=found.pk,
                    subject_kind=kind,
                    subject_id=str(row.pk),
                    subject_label=str(row),
                    page=form.cleaned_data["at"],
                )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, item_url(found), "已关联。")
    return _shown(request, found, form, status=422)


@page(MANAGE)
@require_POST
def remove_relation(request: PageRequest, pk: int, relation: int) -> HttpResponse:
    """Take such a statement back, with the reason."""
    found = get_visible_or_404(Item, request.user, pk)
    made = get_object_or_404(found.relations, pk=relation)
    try:
        revoke_relation(actor=request.user, relation_id=made.pk, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, item_url(found), str(refusal), level="error")
    return redirect_with_notice(request, item_url(found), "关联已撤销，记录保留。")


class OpeningList(ListPage):
    """利用登记 of one item."""

    key = "archives.openings"
    title = "利用登记"
    noun = "次"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("opened_at", "时间", kind="moment", order="opened_at"),
        Column("user", "利用人", lambda row: row.user.display_name if row.user else "系统", order="user__display_name"),
        Column("kind", "方式", "get_kind_display", order="kind"),
        Column("page", "页次", kind="number", order="page"),
        Column("loan", "凭借阅", lambda row: row.loan.purpose if row.loan else ""),
    )
    search_fields = ("user__display_name",)
    search_hint = "利用人"
    ordering = ("-pk",)
    template = "archives/openings.html"
    empty_title = "还没有人利用过本件"


@page(MANAGE)
@require_safe
def openings(request: PageRequest, pk: int) -> HttpResponseBase:
    """Who opened, downloaded and printed an item."""
    found = get_visible_or_404(Item, request.user, pk)
    rows = Opening.objects.filter(item=found).select_related("user", "loan")
    return OpeningList(request, rows).respond({"item": found, "back": reverse("archives:item", args=[found.pk])})

"""Setting up fonds and categories."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.archives.models import Category, Fonds
from bianzhi.archives.services.fonds import change_fonds, open_fonds, set_category
from bianzhi.archives.web.acting import FormPage
from bianzhi.archives.web.keeping_forms import CategoryForm, FondsForm
from bianzhi.common.web.access import PageRequest, page

MANAGE = "archives.manage"


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def fonds_new(request: PageRequest) -> HttpResponse:
    """A new fonds."""
    form, back = FondsForm(request.POST or None, user=request.user), reverse("archives:fonds")

    def act() -> tuple[str, str]:
        made = open_fonds(actor=request.user, **form.facts())
        return back, f"已建立全宗“{made}”。"

    return FormPage(request=request, form=form, act=act, title="建立全宗", submit="建立", back=back).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def fonds_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Another name, body or pattern."""
    found, back = get_object_or_404(Fonds, pk=pk), reverse("archives:fonds")
    initial = {"name": found.name, "organization": found.organization, "pattern": found.pattern}
    form = FondsForm(request.POST or None, user=request.user, is_new=False, initial=initial)

    def act() -> tuple[str, str]:
        change_fonds(actor=request.user, fonds_id=found.pk, changes=form.facts())
        return back, "已保存；以前编的档号不变。"

    return FormPage(
        request=request, form=form, act=act, title=f"设置全宗 {found.number}", submit="保存", back=back
    ).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def category_new(request: PageRequest) -> HttpResponse:
    """Add a category, or change one: `?code=` fills it in."""
    known = Category.objects.filter(code=request.GET.get("code", "")).first()
    names = ("code", "name", "retention", "is_active")
    initial = {name: getattr(known, name) for name in names} if known else {}
    form, back = CategoryForm(request.POST or None, initial=initial), reverse("archives:fonds")

    def act() -> tuple[str, str]:
        made = set_category(actor=request.user, **form.cleaned_data)
        return back, f"已保存门类“{made}”。"

    return FormPage(request=request, form=form, act=act, title="设置门类", submit="保存", back=back).respond()

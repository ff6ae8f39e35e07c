"""The platform's parameters: what each is, what it was set to and why."""

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.services import parameters
from bianzhi.common.models import ParameterValue
from bianzhi.common.parameters import PARAMETERS, Parameter
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

MANAGE = parameters.MANAGE


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter with what the office has set, if anything."""

    parameter: Parameter
    value: int | str
    row: ParameterValue | None


class ParameterForm(BaseForm):
    """A value and the document it rests on."""

    wide = ("basis",)
    value = forms.CharField(label="取值", max_length=100, required=False)
    basis = forms.CharField(label="依据", max_length=200, help_text="文件名称和文号；会记入审计")


@page(MANAGE)
@require_safe
def parameter_list(request: PageRequest) -> HttpResponse:
    """Every parameter the installed rules use."""
    rows = {row.key: row for row in ParameterValue.objects.select_related("changed_by")}
    lines = [_line(parameter, rows.get(key)) for key, parameter in sorted(PARAMETERS.items())]
    return render(request, "accounts/parameters.html", {"lines": lines})


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def parameter_edit(request: PageRequest, key: str) -> HttpResponse:
    """Set one parameter."""
    parameter = _for_the_page(key)
    line = _line(parameter, ParameterValue.objects.filter(key=key).first())
    form = ParameterForm(
        request.POST or None, initial={"value": line.value, "basis": line.row.basis if line.row else ""}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            parameters.set_parameter(actor=request.user, key=key, text=data["value"], basis=data["basis"])
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, "accounts:parameters", f"已设置“{parameter.label}”。")
    context = {"form": form, "line": line}
    return render(request, "accounts/parameter.html", context, status=422 if request.method == "POST" else 200)


@page(MANAGE)
@require_POST
def parameter_reset(request: PageRequest, key: str) -> HttpResponse:
    """Go back to the default."""
    parameter = parameters.reset_parameter(actor=request.user, key=_for_the_page(key).key)
    return redirect_with_notice(request, "accounts:parameters", f"“{parameter.label}”已恢复默认值。")


def _for_the_page(key: str) -> Parameter:
    parameter = PARAMETERS.get(key)
    if parameter is None or parameter.by_program:
        raise Http404("没有这个参数，或者它不能在页面上设置。")
    return parameter


def _line(parameter: Parameter, row: ParameterValue | None) -> Line:
    return Line(parameter, parameter.default if row is None else row.value, row)

"""The product's addresses and one more: a case page such as a domain makes, for the parts the engine lends to it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path

from bianzhi.common.web.access import PageRequest, page
from bianzhi.config.urls import handler403, handler404, handler500
from bianzhi.config.urls import urlpatterns as product
from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.web.panel import case_panel

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]

PAGE = """{% extends "base.html" %}{% load bianzhi_ui flow_ui %}
{% block head %}{% flow_viewer %}{% endblock %}
{% block title %}{{ panel.instance.title }}{% endblock %}{% block heading %}{{ panel.instance.title }}{% endblock %}
{% block crumbs %}<li>办件</li>{% endblock %}
{% block content %}<div class="columns"><div>{% panel "申请内容" %}<p>拟录用 2 名公务员。</p>{% endpanel %}
{% panel "流程" %}{% include "workflow/diagram.html" with picture=panel.picture steps=panel.steps %}{% endpanel %}</div>
<div>{% include "workflow/panel.html" %}</div></div>
{% if panel.turn %}{% include "workflow/decision_bar.html" with turn=panel.turn form=panel.turn.form %}{% endif %}
{% endblock %}"""


@page("matters.view")
def case_page(request: PageRequest, pk: int) -> HttpResponse:
    """The newest case about a subject."""
    newest = FlowInstance.objects.filter(subject_id=pk).order_by("-pk").values("pk")[:1]
    rows = FlowInstance.objects.select_related("version__definition", "initiator")
    context: dict[str, Any] = {"panel": case_panel(request, get_object_or_404(rows, pk__in=newest))}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


urlpatterns = [*product, path("tests/<int:pk>/", case_page, name="case_page")]

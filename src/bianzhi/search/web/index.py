"""How the index stands, for who looks after the system, and having it built anew."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.search.selectors.standing import Standing, standing
from bianzhi.search.services.rebuilding import ask_for_rebuild

MANAGE = "search.manage"


@page(MANAGE)
@require_safe
def index(request: PageRequest) -> HttpResponse:
    """Whether there is an index, how many entries it has, what waits for it."""
    state = standing()
    words = {"tantivy": "内置（Tantivy）", "opensearch": "OpenSearch 服务器"}
    pairs = [
        ("状态", _words(state)),
        ("条目数", state.entries),
        ("等待写入的更新", state.waiting),
        ("检索引擎", words.get(state.engine, state.engine)),
    ]
    return render(request, "search/index.html", {"standing": state, "pairs": pairs})


def _words(state: Standing) -> str:
    if state.is_down:
        return "检索服务没有应答"
    if state.is_there:
        return "可用"
    return "尚未建立" if state.job is None else "正在建立"


@page(MANAGE)
@require_POST
def rebuild(request: PageRequest) -> HttpResponse:
    """Have it built anew beside the one in use."""
    job = ask_for_rebuild(actor=request.user)
    return redirect_with_notice(request, reverse("common:job", args=[job.pk]), "已开始重建检索索引，期间检索照常使用。")

"""The unit page: the tree at the left, one unit at the right; and its history on paper."""

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.as_of import with_day
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.models import Organization
from bianzhi.organizations.selectors.history import history
from bianzhi.organizations.selectors.units import nearest, state_on
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.web import actions, heads, overview
from bianzhi.organizations.web.branches import Branches, tree_context

PAGE = "organization"


@page("organizations.view")
@require_safe
def index(request: PageRequest) -> HttpResponse:
    """The tree and, at the right, the district at a glance; under htmx only the tree, searched by `?q=`."""
    context = tree_context(request)
    if request.htmx and request.htmx.target == "tree-body":
        return render(request, "organizations/tree_body.html", context)
    context |= overview.context(request, context["tree"])
    return render(request, "organizations/index.html", context)


@page("organizations.view")
@require_safe
def children(request: PageRequest, pk: int) -> HttpResponseBase:
    """The level below a node, for the tree; whoever opens the address itself gets the page of the unit."""
    if not request.htmx:
        return HttpResponseRedirect(with_day(request, reverse("organizations:detail", args=[pk])))
    return render(request, "components/tree_level.html", {"nodes": Branches(request).below(pk)})


@page("organizations.view")
@require_safe
def detail(request: PageRequest, pk: int) -> HttpResponseBase:
    """One unit as of the day shown, with the tabs and panels of every app."""
    organization = shown_organization(request, pk)
    strip = tabs.strip_for(request, PAGE, organization)
    if strip.response is not None:
        return strip.response
    context = tree_context(request, organization.pk)
    version = organization.shown
    is_grouping = version is not None and version.is_grouping
    tree = context["tree"]
    context |= {
        "organization": organization,
        "version": version,
        "state": state_on(version, request.as_of) if version else "",
        "rank": codes("organization_rank").label(version.rank) if version else "",
        "pairs": heads.grouping_pairs(organization, tree) if is_grouping else heads.pairs(request, organization, tree),
        "strip": strip,
        "panels": tabs.panels_for(request, PAGE, organization),
        "side": tabs.panels_for(request, PAGE, organization, slot="side") if _leaves_room(strip) else [],
        "menu": actions.menu(request, organization) if request.user.can(CHANGE) else [],
    }
    return render(request, "organizations/detail.html", context)


def _leaves_room(strip: tabs.TabStrip) -> bool:
    """Whether the side panels stand beside the tab; the history tab tells the same at full width."""
    return not any(tab.is_current and tab.key == "history" for tab in strip.tabs)


@page("organizations.view")
@require_safe
def history_sheet(request: PageRequest, pk: int) -> HttpResponse:
    """T18, the history of a unit, on paper."""
    organization = shown_organization(request, pk)
    context = {"organization": organization, "rows": history(organization, request.as_of)}
    return render(request, "organizations/history_sheet.html", context)


def shown_organization(request: PageRequest, pk: int) -> Organization:
    """The organisation with its version and name of the day shown; Http404 outside the user's scope."""
    organization = get_visible_or_404(Organization, request.user, pk)
    organization.shown = nearest(organization, request.as_of)
    organization.known_as = organization.shown.name if organization.shown else organization.code
    return organization

"""Tags of pages that show or edit a flow: `{% load flow_ui %}`."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def flow_viewer() -> SafeString:
    """The viewer of flows, in `{% block head %}` of pages with a picture."""
    return _assets("flow-viewer")


@register.simple_tag
def flow_editor() -> SafeString:
    """The drawing table, in `{% block head %}` of the page that edits a flow."""
    return _assets("flow-editor")


@register.simple_tag
def flow_icons() -> str:
    """Where the buttons of the picture find their icons."""
    return static("dist/icons.svg")


def _assets(name: str) -> SafeString:
    return format_html(
        '<link rel="stylesheet" href="{}"><script src="{}" defer></script>',
        static(f"dist/{name}.css"),
        static(f"dist/{name}.js"),
    )

"""Tags of the archive's pages: `{% load archive_ui %}`."""

from django import template
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from bianzhi.archives.rules.marks import places_in

register = template.Library()


@register.simple_tag
def viewer_assets() -> SafeString:
    """The script of the viewer, in `{% block head %}`; it fetches those of large sheets and of PDF itself."""
    return format_html(
        '<script src="{}" data-large="{}" data-pdf="{}" data-pdf-worker="{}" defer></script>',
        static("dist/archive-viewer.js"),
        static("dist/archive-large.js"),
        static("dist/archive-pdf.js"),
        static("dist/archive-pdf-worker.js"),
    )


@register.simple_tag
def upload_assets() -> SafeString:
    """The script of the page that takes files, in `{% block head %}`."""
    return format_html('<script src="{}" defer></script>', static("dist/archive-upload.js"))


@register.simple_tag
def describe_assets() -> SafeString:
    """The script of the page that describes an item, in `{% block head %}`."""
    return format_html('<script src="{}" defer></script>', static("dist/archive-describe.js"))


@register.simple_tag
def turn(url: str) -> SafeString:
    """The address of another page of the viewer, as attributes of its link: only the viewer is fetched."""
    return format_html('href="{0}" hx-get="{0}" hx-target="#viewer" hx-swap="outerHTML" hx-push-url="true"', url)


@register.filter
def unlocalized(value: float) -> str:
    """A number as drawings and addresses write it."""
    return f"{value:g}" if value < 1_000_000 else str(value)


@register.filter
def percent(value: float | None) -> str:
    """0.934 as 93.4 %."""
    return "—" if value is None else f"{value:.1%}"


@register.simple_tag
def marked_text(text: str, question: str) -> SafeString:
    """The text of a page, a paragraph for each line, with what was looked for marked."""
    pieces, end = [], 0
    for first, last in places_in(text, question):
        pieces += [conditional_escape(text[end:first]), "<mark>", conditional_escape(text[first:last]), "</mark>"]
        end = last
    pieces.append(conditional_escape(text[end:]))
    return mark_safe("".join(pieces).replace("\n", "<br>"))  # noqa: S308 - every piece is escaped

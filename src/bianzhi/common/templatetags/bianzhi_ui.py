"""Tags of the design layer: `{% load bianzhi_ui %}`. What each looks like is on /dev/ui/."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.defaultfilters import date as format_date
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString

from bianzhi.common.web import as_of
from bianzhi.common.web.tones import Tone, tone_of

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An icon of the sprite; decoration only, so the words beside it must say the same."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        css,
        static("dist/icons.svg"),
        name,
    )


@register.simple_tag
def tag(text: str, tone: str = "neutral") -> SafeString:
    """A small label with a tone of `Tone`."""
    return format_html('<span class="tag tag-{}">{}</span>', Tone(tone).value, text)


@register.simple_tag
def status(text: str) -> SafeString:
    """A word of state in its registered colour (`common.web.tones`)."""
    return format_html('<span class="tag tag-{}">{}</span>', tone_of(str(text)).value, text)


@register.simple_tag(takes_context=True)
def page_url(context: template.Context, name: str, *args: Any, **kwargs: Any) -> str:
    """Like `{% url %}`, with the shown day kept."""
    return as_of.with_day(_request(context), reverse(name, args=args or None, kwargs=kwargs or None))


@register.simple_tag(takes_context=True)
def keep_day(context: template.Context, url: str) -> str:
    """The address with the shown day kept."""
    return as_of.with_day(_request(context), url)


@register.simple_tag(takes_context=True)
def day_field(context: template.Context) -> SafeString:
    """A hidden field that keeps the shown day in a GET form; nothing when the page shows today."""
    query = as_of.day_query(_request(context))
    return format_html('<input type="hidden" name="date" value="{}">', query["date"]) if query else SafeString("")


@register.inclusion_tag("components/day_picker.html", takes_context=True)
def day_picker(context: template.Context) -> dict[str, Any]:
    """The control that chooses the day the page shows; keeps the page's other parameters."""
    request = _request(context)
    kept = [(key, value) for key, values in request.GET.lists() if key != as_of.PARAMETER for value in values]
    return {"kept": kept, "shown": context["shell"].as_of}


@register.simple_tag(takes_context=True)
def can(context: template.Context, permission: str) -> bool:
    """Whether the user holds a permission: `{% can "personnel.move" as may_move %}`."""
    user = getattr(_request(context), "user", None)
    return bool(user is not None and user.is_authenticated and user.can(permission))


@register.simple_block_tag(takes_context=True)
def panel(
    context: template.Context,
    content: SafeString,
    title: str = "",
    note: str = "",
    link: str = "",
    link_label: str = "",
    flush: bool = False,
    anchor: str = "",
) -> SafeString:
    """A white panel around its content; `flush` for tables that reach the panel's edge."""
    return render_to_string(
        "components/panel.html",
        {
            "content": content,
            "title": title,
            "note": note,
            "link": link,
            "link_label": link_label,
            "flush": flush,
            "anchor": anchor,
        },
    )


@register.inclusion_tag("components/usage_bar.html")
def usage_bar(used: int, approved: int) -> dict[str, Any]:
    """The bar 实有/核定 with its percentage; red beyond 100 %, and "—" where nothing is approved."""
    percent = round(used * 100 / approved, 1) if approved else None
    over = used > approved
    return {"percent": percent, "width": min(100, round(percent)) if percent else 0, "over": over, "used": used}


@register.inclusion_tag("components/kpi.html")
def kpi(
    label: str,
    value: Any,
    unit: str = "",
    url: str = "",
    fact_left: str = "",
    fact_right: str = "",
    tone: str = "",
) -> dict[str, Any]:
    """A figure with two facts below it; `tone="bad"` only for 超编 and overdue."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "url": url,
        "fact_left": fact_left,
        "fact_right": fact_right,
        "tone": tone,
    }


@register.inclusion_tag("components/empty.html")
def empty(title: str, text: str = "", icon_name: str = "list", url: str = "", link_label: str = "") -> dict[str, Any]:
    """What is not there, what to do about it, and where."""
    return {"title": title, "text": text, "icon_name": icon_name, "url": url, "link_label": link_label}


@register.inclusion_tag("components/steps.html")
def steps(labels: Sequence[str] | str, current: int) -> dict[str, Any]:
    """The steps of a longer task; `labels` may be one text parted by "|", `current` counts from 1."""
    names = labels.split("|") if isinstance(labels, str) else list(labels)
    return {"steps": list(enumerate(names, start=1)), "current": current}


@register.inclusion_tag("components/objections.html")
def objections(items: Iterable[Any], title: str = "") -> dict[str, Any]:
    """Why an act is refused or warned of: rule, fact and figure, next step."""
    listed = list(items)
    blocking = [item for item in listed if item.severity.value != "warn"]
    return {"items": listed, "title": title, "blocking": blocking}


@register.inclusion_tag("components/chart.html")
def chart(key: str, title: str, config: dict[str, Any], height: int = 280) -> dict[str, Any]:
    """A chart with its data as a table. `config` is described in docs/reference/components.md."""
    return {
        "key": key,
        "title": title,
        "config": config,
        "height": height,
        "data": json_script(config, f"chart-{key}-data"),
        "rows": list(zip(config["labels"], *(series["data"] for series in config["series"]), strict=False))
        if "labels" in config
        else [],
    }


@register.simple_tag
def chart_assets() -> SafeString:
    """The script of charts, in `{% block head %}` of pages that have any."""
    return format_html('<script src="{}" defer></script>', static("dist/charts.js"))


@register.inclusion_tag("components/field.html")
def field(bound: Any, css: str = "") -> dict[str, Any]:
    """A form field with label, help and error."""
    return {"field": bound, "css": css}


@register.filter
def day(value: date | datetime | None) -> str:
    """2024-12-31, or an em dash."""
    return value.strftime("%Y-%m-%d") if value else "—"


@register.filter
def month(value: date | None) -> str:
    """1987.06, as birth and appointment dates are written in rosters."""
    return value.strftime("%Y.%m") if value else "—"


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """2024-12-31 09:30 in China."""
    return format_date(value, "Y-m-d H:i") if value else "—"


@register.filter
def dash(value: Any) -> Any:
    """The value, or an em dash where there is none (also for zero in columns such as 超编)."""
    return value if value not in (None, "", 0) else "—"


@register.filter
def figure(value: int | None) -> str:
    """A number with thousands separators."""
    return "—" if value is None else f"{value:,}"


def _request(context: template.Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request

"""Whose pages and files may be shown: a destroyed item has none, whatever other items its originals still serve."""

from django.http import Http404

from bianzhi.archives.models import Item
from bianzhi.common.web.access import PageRequest, get_visible_or_404


def item_with_contents(request: PageRequest, pk: int) -> Item:
    """An item the user may see whose contents are kept; Http404 otherwise."""
    item = get_visible_or_404(Item, request.user, pk)
    if item.is_disposed:
        raise Http404("本件已依规销毁，只保留目录。")
    return item

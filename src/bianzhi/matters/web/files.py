"""Opening a file of a case."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.kept_files import answer_with
from bianzhi.matters import files
from bianzhi.matters.selectors.attachments import attachment_for


@page("matters.view")
@require_safe
def attachment(request: PageRequest, pk: int) -> HttpResponse:
    """A file of a case the user may see; `?download` saves it."""
    row = attachment_for(request.user, pk)
    if row is None:
        raise Http404("没有这个文件，或者它不在您的管理范围内。")
    try:
        data = files.read(row.sha256)
    except OSError as error:
        raise Http404("文件已不在平台上，请告诉系统管理员。") from error
    return answer_with(request, data, name=row.name, content_type=row.content_type)

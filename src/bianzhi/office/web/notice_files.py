"""Opening a file of a notice."""

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.kept_files import answer_with
from bianzhi.office.models import NoticeFile
from bianzhi.office.services.notice_files import open_notice_file
from bianzhi.office.web.notices import VIEW


@page(VIEW)
@require_safe
def notice_file(request: PageRequest, pk: int) -> HttpResponse:
    """A file of a notice the user may read; `?download` saves it."""
    try:
        row, data = open_notice_file(actor=request.user, file_id=pk)
    except NoticeFile.DoesNotExist as error:
        raise Http404("没有这个附件，或者这份通知不是发给您的。") from error
    except OSError as error:
        raise Http404("文件已不在平台上，请告诉系统管理员。") from error
    return answer_with(request, data, name=row.name, content_type=row.content_type)

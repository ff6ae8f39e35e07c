"""Writing and taking in packages in the background; a killed job starts again and nothing was half done.

Bags are read and written outside the transaction, which only registers what came of it.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import Denied
from bianzhi.archives.models import Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.packages.exporting import EXPORT_JOB, export_items, packed
from bianzhi.archives.services.packages.importing import import_package
from bianzhi.archives.services.packages.kept import IMPORT_JOB
from bianzhi.archives.services.packages.proving import proven
from bianzhi.common import jobs
from bianzhi.kernel.objections import Refused


@jobs.job(EXPORT_JOB)
def export(context: jobs.JobContext) -> Mapping[str, Any]:
    """Write the package that was asked for."""
    params, asker = context.params, _asker(context)
    try:
        with (
            packed(by=asker, title=params["title"], item_ids=params["items"], progress=context.progress) as bag,
            transaction.atomic(),
        ):
            return _finished(context, export_items(actor=asker, bag=bag, job=context.job))
    except (Refused, Denied) as refusal:
        raise jobs.JobFailed(str(refusal)) from refusal


@jobs.job(IMPORT_JOB)
def take_in(context: jobs.JobContext) -> Mapping[str, Any]:
    """Take the package in that was kept."""
    params, asker = context.params, _asker(context)
    if not PACKAGES.exists(params["sha256"]):
        raise jobs.JobFailed("移交包文件已不在服务器上（未通过核对的不保留），请重新上传。")
    try:
        with PACKAGES.plain(params["sha256"]) as path, proven(path, context.progress) as bag:
            with transaction.atomic():
                package = import_package(
                    actor=asker,
                    title=params["title"],
                    bag=bag,
                    creates_units=params["creates_units"],
                    progress=context.progress,
                    job=context.job,
                )
                result = _finished(context, package)
            bag.keep_words()
            return result
    except (Refused, Denied) as refusal:
        raise jobs.JobFailed(str(refusal)) from refusal


def _finished(context: jobs.JobContext, package: Package) -> dict[str, Any]:
    result = {"url": reverse("archives:package", args=[package.pk]), **package.facts}
    context.complete(result)
    return result


def _asker(context: jobs.JobContext) -> User:
    """Whoever asked, with the rights of now. Raises JobFailed for an account that is gone."""
    asker = User.objects.filter(pk=context.job.requested_by_id or 0, is_active=True).first()
    if asker is None:
        raise jobs.JobFailed("提出请求的账号已停用，请由其他档案员重新办理。")
    return asker

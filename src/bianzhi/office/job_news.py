"""What those who keep the system are told of its jobs: subscribers of the outbox (see `config.subscriptions`)."""

from typing import Final

from django.urls import reverse

from bianzhi.audit.actors import System
from bianzhi.common.models import Job, JobState, OutboxMessage
from bianzhi.kernel import clock
from bianzhi.office.models import MessageKind
from bianzhi.office.rules import wording
from bianzhi.office.selectors.people import holders
from bianzhi.office.services.messages import News, tell

POST: Final = System("消息")


def job_failed(message: OutboxMessage) -> None:
    """jobs.failed: a job that was cut off too often, or whose program broke, is told to the system administrators."""
    job = Job.objects.filter(pk=message.payload["job"], state=JobState.FAILED).first()
    if job is None:
        return
    words = wording.job_failed(job.title, job.pk, job.error)
    link = reverse("common:job", args=[job.pk])
    people = sorted(holders("system_admin", None, clock.today()))
    news = [News(person, MessageKind.NOTICE, words, link) for person in people]
    tell(actor=POST, event=f"outbox:{message.pk}", news=news)

"""What the office app contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "bianzhi.office"
    label = "office"
    verbose_name = "办公"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import agenda, integrity, jobs, sealed_places
        from bianzhi.common.web import bell, lookups, navigation, tones
        from bianzhi.office import jobs as daily
        from bianzhi.office import parameters  # noqa: F401 - importing it declares the parameters
        from bianzhi.office.acts_catalogue import ACTS
        from bianzhi.office.files import NOTICE_FILES
        from bianzhi.office.jobs.mailing import send_waiting
        from bianzhi.office.selectors import integrity as proofs
        from bianzhi.office.selectors import people
        from bianzhi.office.selectors.calendar import own_events
        from bianzhi.office.selectors.flows import task_deadlines
        from bianzhi.office.selectors.messages import unread_count
        from bianzhi.office.web.words import MENU, TONES

        catalogue.declare(ACTS)
        sealed_places.register("通知附件", NOTICE_FILES.every)
        integrity.register("office.files", "通知附件与登记的摘要一致", proofs.files_as_kept)
        tones.register_tones(TONES)
        for entry in MENU:
            navigation.register(entry)
        bell.register(bell.Bell("office:messages", "消息", "workbench.view", unread_count))
        lookups.register(
            lookups.Lookup("colleague", people.options, people.chosen, label=lambda user: str(user.display_name))
        )
        agenda.register_source("office.events", own_events)
        agenda.register_source("office.tasks", task_deadlines)
        jobs.every("office.mail", 15, send_waiting)
        jobs.daily("office.audiences", daily.complete, title="补充通知接收人")
        jobs.daily("office.tidy", daily.tidy, title="清理过期消息")

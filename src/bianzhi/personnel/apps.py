"""What the personnel register contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class PersonnelConfig(AppConfig):
    name = "bianzhi.personnel"
    label = "personnel"
    verbose_name = "人员与编制使用"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity, jobs
        from bianzhi.ledger import objections as reductions
        from bianzhi.organizations import objections as proposals
        from bianzhi.personnel import answers, handlers, revealing
        from bianzhi.personnel.acts_catalogue import ACTS
        from bianzhi.personnel.jobs.expiry import expire_slots
        from bianzhi.personnel.selectors import integrity as proofs

        catalogue.declare(ACTS)
        handlers.register()
        revealing.register()
        reductions.register(answers.to_reduction)
        proposals.register(answers.to_proposal)
        jobs.daily("personnel.expire_slots", expire_slots, title="核准名额过期处理")
        integrity.register("personnel.overlaps", "一人一编，期间不重叠", proofs.no_overlaps)
        integrity.register("personnel.lives", "占编在单位存续期内", proofs.within_lives)
        integrity.register("personnel.slots", "核准名额只用一次", proofs.slots_fit)
        integrity.register("personnel.numbers", "实有与预占不超核定（已标记的超编除外）", proofs.within_numbers)
        integrity.register("personnel.movements", "占编起止都有业务记录", proofs.movements_fit)
        integrity.register("personnel.fingerprints", "身份证号与检索指纹一致", proofs.numbers_found)
        integrity.register("personnel.persons", "身份证号与出生日期、性别一致", proofs.persons_sound)

"""What reports contribute to the platform at start."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Declares the acts, the menu, the daily computation and the proofs of figures."""

    name = "bianzhi.reports"
    label = "reports"
    verbose_name = "统计与预警"

    def ready(self) -> None:
        """Registrations; imports wait until the models are there."""
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity
        from bianzhi.common.web import navigation, tones
        from bianzhi.reports import integrity as proofs
        from bianzhi.reports import jobs  # noqa: F401 - importing it registers the jobs
        from bianzhi.reports.web.warnings import urgent_count

        catalogue.declare({"reports.warnings_computed": "计算预警"})
        tones.register_tones(
            {"红色": tones.Tone.BAD, "橙色": tones.Tone.WARN, "黄色": tones.Tone.WARN, "蓝色": tones.Tone.INFO}
        )
        for entry in (
            navigation.Entry(
                navigation.Group.WORKBENCH,
                "工作台",
                "layout-dashboard",
                "reports:workbench",
                permission="workbench.view",
                order=10,
            ),
            navigation.Entry(
                navigation.Group.WORKBENCH,
                "到期事项",
                "clipboard-check",
                "reports:tasks",
                permission="personnel.view",
                order=55,
            ),
            navigation.Entry(
                navigation.Group.STATISTICS,
                "统计报表",
                "chart-bar",
                "reports:index",
                permission="reports.view",
                order=10,
            ),
            navigation.Entry(
                navigation.Group.STATISTICS,
                "监测预警",
                "alert-triangle",
                "reports:warnings",
                permission="warnings.view",
                order=20,
                badge=urgent_count,
            ),
        ):
            navigation.register(entry)
        integrity.register("reports.totals", "机构编制总表与台账、名册一致", proofs.totals_match)
        integrity.register("reports.over_and_vacant", "超编空编表与台账、名册一致", proofs.over_and_vacant_match)
        integrity.register("reports.flows", "增减变动表与名册一致且平衡", proofs.flows_match)

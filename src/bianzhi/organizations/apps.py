"""What organisations contribute to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "bianzhi.organizations"
    label = "organizations"
    verbose_name = "机构"

    def ready(self) -> None:
        from bianzhi.accounts.organization_names import name_organizations_with
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity
        from bianzhi.documents import visibility
        from bianzhi.kernel import clock
        from bianzhi.organizations import citations
        from bianzhi.organizations import integrity as proofs
        from bianzhi.organizations.models import LineageKind
        from bianzhi.organizations.scopes import visible_organization_ids
        from bianzhi.organizations.selectors.units import names_on
        from bianzhi.workflow import registries

        for kind in LineageKind:
            label = kind.label if kind is LineageKind.BODIES_CHANGED else f"机构{kind.label}"
            catalogue.declare({f"organizations.{kind.value}": label})
        catalogue.declare(
            {
                "organizations.credit_code_set": "登记统一社会信用代码",
                "organizations.alias_added": "登记机构别名",
                "organizations.alias_withdrawn": "停用机构别名",
            }
        )
        name_organizations_with(lambda ids: names_on(ids, clock.today()))
        visibility.register(citations.cited_by)
        registries.register_reach(visible_organization_ids)
        integrity.register("organizations.versions", "机构版本首尾相接", proofs.versions_follow_each_other)
        integrity.register("organizations.bodies", "内设机构在单位存续期内", proofs.bodies_follow_each_other)
        integrity.register("organizations.superiors", "隶属、主管、合署单位存续", proofs.superiors_exist)
        integrity.register("organizations.circles", "隶属关系不成环", proofs.no_circles)
        integrity.register("organizations.names", "机构名称比对键一致", proofs.search_keys_fit)
        self._show()
        self._be_found()

    def _show(self) -> None:
        """The menu, the search box, the choices of forms, and the unit page's own tabs and panels."""
        from bianzhi.common.web import lookups, navigation, search, tabs, tones
        from bianzhi.organizations.web import finding, sections
        from bianzhi.organizations.web.pages import PAGE

        group = navigation.Group.ORGANIZATIONS
        navigation.register(
            navigation.Entry(
                group, "机构管理", "hierarchy", "organizations:index", permission="organizations.view", order=10
            )
        )
        search.register_provider(
            search.Provider("机构", finding.find, icon="building", permission="organizations.view", order=10)
        )
        lookups.register(
            lookups.Lookup("organization", search=finding.unit_options, chosen=finding.chosen_unit, label=finding.label)
        )
        lookups.register(
            lookups.Lookup(
                "organization-node", search=finding.node_options, chosen=finding.chosen_node, label=finding.label
            )
        )
        tabs.register_tab(tabs.Tab(PAGE, "bodies", "内设机构", sections.bodies, order=20, count=sections.count_bodies))
        tabs.register_tab(tabs.Tab(PAGE, "subordinate", "下属单位", sections.subordinate, order=30))
        tabs.register_tab(tabs.Tab(PAGE, "duties", "职责任务", sections.duties, order=50))
        tabs.register_tab(tabs.Tab(PAGE, "history", "历史沿革", sections.history_tab, order=90))
        tabs.register_panel(tabs.Panel(PAGE, "history", sections.newest_events, order=10, slot="side"))
        tabs.register_panel(tabs.Panel("document", "organizations", sections.cited_by, order=5))
        tones.register_tones({"拟设": tones.Tone.WARN})

    def _be_found(self) -> None:
        """The full-text index."""
        from bianzhi.common import jobs
        from bianzhi.organizations import search_source
        from bianzhi.search import sources

        sources.register(search_source.SOURCE)
        sources.name_units_with(search_source.names)
        jobs.daily("organizations.index", search_source.turned_over, title="当日生效的机构更名编入检索索引")

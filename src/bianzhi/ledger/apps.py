"""What the ledger contributes to the platform at start."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Declares the ledger's acts and integrity checks, and what it shows on pages of other apps."""

    name = "bianzhi.ledger"
    label = "ledger"
    verbose_name = "编制台账"

    def ready(self) -> None:
        """Registrations; imports wait until the models are there."""
        from bianzhi.audit import catalogue
        from bianzhi.common import integrity
        from bianzhi.ledger import integrity as proofs

        catalogue.declare({"ledger.posted": "登记台账", "ledger.accounts_opened": "开设编制账户"})
        integrity.register("ledger.balance", "台账分录借贷平衡", proofs.postings_balance)
        integrity.register("ledger.reserves", "预留与单位编制不为负", proofs.balances_not_negative)
        integrity.register("ledger.ended", "终止的单位和内设机构不再持有编制", proofs.nothing_after_the_end)
        integrity.register("ledger.reversals", "冲正与原条目对应", proofs.reversals_mirror)
        self._answer_lower_apps()
        self._show()

    def _answer_lower_apps(self) -> None:
        """Questions of organisations and documents that only the ledger can answer."""
        from bianzhi.documents import visibility
        from bianzhi.ledger import answers
        from bianzhi.ledger.selectors import entries, unit_history
        from bianzhi.organizations import figures, objections

        figures.register_totals(unit_history.totals_on)
        figures.register_events(unit_history.events_until)
        objections.register(answers.to_proposal)
        visibility.register(entries.cited_documents)

    def _show(self) -> None:
        """The menu, the search box, and what stands on pages of other apps."""
        from bianzhi.common.web import lookups, navigation, search, tabs
        from bianzhi.ledger.search_source import SOURCE
        from bianzhi.ledger.web import finding, panels
        from bianzhi.search import sources

        group = navigation.Group.ORGANIZATIONS
        navigation.register(
            navigation.Entry(group, "编制台账", "scale", "ledger:entries", permission="ledger.view", order=20)
        )
        search.register_provider(
            search.Provider("编制台账", finding.find, icon="scale", permission="ledger.view", order=30)
        )
        sources.register(SOURCE)
        lookups.register(lookups.Lookup("ledger.body", search=finding.body_options, chosen=finding.chosen_body))
        tabs.register_tab(
            tabs.Tab("organization", "ledger", "台账", panels.unit_tab, order=40, permission="ledger.view")
        )
        tabs.register_panel(tabs.Panel("document", "ledger", panels.document_panel, order=10, permission="ledger.view"))

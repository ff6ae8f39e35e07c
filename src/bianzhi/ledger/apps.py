"""What the ledger contributes to the platform at start."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Declares the ledger's acts and integrity checks."""

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
        integrity.register("ledger.reversals", "冲正与原条目对应", proofs.reversals_mirror)

"""The double-entry ledger of quotas and leadership posts."""

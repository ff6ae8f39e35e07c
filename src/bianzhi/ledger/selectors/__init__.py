"""Reading the ledger: balances on any day, as known on any day."""

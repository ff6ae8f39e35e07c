"""The double-entry quota ledger: every approved number is a sum of document-backed postings."""

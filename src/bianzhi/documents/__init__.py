"""Approval documents: number, date, issuing body, title."""

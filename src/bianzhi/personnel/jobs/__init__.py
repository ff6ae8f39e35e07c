"""Recurring work of the personnel register."""

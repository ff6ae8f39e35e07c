"""Alerts raised and handled, rules set, the installation sealed."""

"""Reads of the office app."""

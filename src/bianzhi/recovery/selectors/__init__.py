"""Reads of drills and of the folder of backups."""

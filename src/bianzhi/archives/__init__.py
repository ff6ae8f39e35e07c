"""The archive: every record as it was, described, found, and opened at the page that proves a figure."""

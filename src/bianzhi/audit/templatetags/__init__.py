"""Template filters of the audit app."""

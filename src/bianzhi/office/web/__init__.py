"""Pages of the office app."""

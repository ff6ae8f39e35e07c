"""Pages of the personnel register."""

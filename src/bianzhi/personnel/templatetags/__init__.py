"""Template tags of the personnel pages."""

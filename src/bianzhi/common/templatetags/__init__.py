"""Template tags of the design layer."""

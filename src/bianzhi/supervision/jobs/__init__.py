"""Work of supervision that nobody clicks for."""

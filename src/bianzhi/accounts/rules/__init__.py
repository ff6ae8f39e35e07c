"""Who may hold which roles together."""

"""Pages of login, one's own account, user administration and the platform's settings."""

"""Writes of the accounts app: users, roles, logins, the platform's settings."""

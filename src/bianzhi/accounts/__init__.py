"""Users, roles, permissions and data scopes."""

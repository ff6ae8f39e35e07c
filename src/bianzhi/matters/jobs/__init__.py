"""Daily work of cases."""

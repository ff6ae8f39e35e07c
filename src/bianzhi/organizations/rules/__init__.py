"""Pure rules on organisations."""

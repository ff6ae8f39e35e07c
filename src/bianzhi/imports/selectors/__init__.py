"""Reading the register for an import: which unit is meant, what would change."""

"""The gate every file from outside passes: asked of the scanner, opened in a process of its own, kept or refused."""

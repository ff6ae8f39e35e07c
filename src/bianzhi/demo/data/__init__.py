"""Names for the synthetic district."""

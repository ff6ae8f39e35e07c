"""Full-text search over everything the platform keeps, within what each user may see."""

"""A district's own Excel and CSV files, from upload to commit."""

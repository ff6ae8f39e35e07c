"""What the office app writes."""

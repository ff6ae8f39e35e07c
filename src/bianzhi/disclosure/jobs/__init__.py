"""What the disclosure app does outside requests."""

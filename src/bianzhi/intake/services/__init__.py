"""What the gate puts on record."""

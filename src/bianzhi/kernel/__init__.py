"""Pure Python knowledge of the trade: no Django, no database, and one clock."""

"""Numbers that identify: residents (GB 11643), organisations (GB 32100) and documents (文号)."""

"""Forms of the personnel register: each reads what was written and makes the order its service takes."""

"""The flow language, in pure Python: reading, validating, writing definitions, and what a countersign decides."""

"""Pages of approval documents, and the picker other forms use."""

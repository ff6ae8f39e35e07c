"""What is kept, decided without looking at any disk."""

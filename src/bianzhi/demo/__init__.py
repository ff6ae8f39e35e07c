"""The synthetic district for trial and training."""

"""What names of units tell, as pure rules."""

"""What is looked for, how alerts climb, how requests are written down (no Django)."""

"""What of persons is let out, to whom and what for: purposes, limits of exports, requests for larger ones."""

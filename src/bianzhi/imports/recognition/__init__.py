"""What a district's own files look like: kinds, column wordings and checks within a row. Knows no database."""

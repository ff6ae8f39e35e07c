"""What each report shows: columns and rows declared, drawn by one renderer on screen, on paper and as XLSX."""

"""From a file to what it says: safety, formats, rendering, reading order, OCR, header fields. No Django."""

"""移交包: items with originals, descriptions, words and history in a BagIt bag, written, checked and taken in."""

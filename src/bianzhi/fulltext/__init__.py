"""Full-text search of Chinese: bigrams, a query language, and engines behind one interface. No Django."""

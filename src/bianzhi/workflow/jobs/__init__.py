"""Work of the engine that comes round by itself."""

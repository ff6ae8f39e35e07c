"""Long work of imports: checking, writing and annotating large files."""

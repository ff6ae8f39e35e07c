"""Forms of matters: the application built from a matter's fields, and the pages that set a matter up."""

"""Statistics, warnings, the workbench and printed reports."""

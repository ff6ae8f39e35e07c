"""Pages: workbench, tasks, warnings, reports."""

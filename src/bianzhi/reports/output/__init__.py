"""Reports as files and on paper."""

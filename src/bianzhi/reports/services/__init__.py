"""The only writers of the app: warnings and the trace of exports."""

"""Office work around the cases: notices, messages and mail, the calendar."""

"""What the office app knows without a database: audiences, wordings, months, iCalendar, when to try a mail again."""

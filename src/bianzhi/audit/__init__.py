"""Who did what: the unit of work of every service, the chained record, the seals of register rows."""

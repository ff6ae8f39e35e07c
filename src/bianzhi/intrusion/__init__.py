"""Signs of intrusion: rules that read what is on record, alerts and how they are answered."""

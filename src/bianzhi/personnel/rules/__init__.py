"""Rules of the personnel domain: pure functions that return objections (domain dossier §1.2)."""

"""Reads of the personnel register: who is where on a day, and what of the quota is used."""

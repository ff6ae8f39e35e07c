"""Persons, occupancies, appointments, staffing approvals and movements."""

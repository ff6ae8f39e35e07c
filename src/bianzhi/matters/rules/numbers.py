"""The business numbers of cases: P05-2026-000001."""


def series_of(matter: str, year: int) -> str:
    """The series a matter's numbers of a year are taken from."""
    return f"case-{matter}-{year}"


def case_number(matter: str, year: int, serial: int) -> str:
    """The number of a case."""
    return f"{matter}-{year}-{serial:06d}"

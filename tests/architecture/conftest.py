"""The loaded district, for the tests that ask for every page."""

from tests.walk.district import district

__all__ = ["district"]

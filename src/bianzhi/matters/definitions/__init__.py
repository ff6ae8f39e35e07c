"""The matters themselves, one module each; importing this package puts them all into the catalogue."""

from bianzhi.matters.definitions.p05 import P05

ALL = (P05,)

"""Code sets: national standards and the trade's own lists, as data files (docs/reference/code-sets.md)."""

from bianzhi.kernel.codesets.codeset import Code, CodeSet, UnknownCode
from bianzhi.kernel.codesets.registry import SETS, UnknownCodeSet, codes

__all__ = ["SETS", "Code", "CodeSet", "UnknownCode", "UnknownCodeSet", "codes"]

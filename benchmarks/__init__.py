"""Timings against a named peer in the same run: `python -m benchmarks.reading`, `.importing`, `.pages`.

Nothing here is asserted by tests. A machine's absolute times mean little; the ratio to the peer measured a moment
before and after is what `docs/performance.md` speaks of.
"""

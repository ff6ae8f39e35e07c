"""Measuring two ways of doing one thing in turn, and printing their medians and ratio."""

import gc
import statistics
import time
from collections.abc import Callable


def seconds(function: Callable[[], object]) -> float:
    """Wall-clock seconds of one call, the garbage of the call before collected first."""
    gc.collect()
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def compare(ours: tuple[str, Callable[[], object]], peer: tuple[str, Callable[[], object]], *, runs: int = 5) -> None:
    """Run both in turn (A B A B …) after one warm-up each; print medians, spread and the ratio pair by pair."""
    for _, function in (ours, peer):
        function()
    pairs = [(seconds(ours[1]), seconds(peer[1])) for _ in range(runs)]
    for index, (label, _) in enumerate((ours, peer)):
        times = [pair[index] for pair in pairs]
        print(f"  {label:<44}{statistics.median(times):8.3f} s   ({min(times):.3f} – {max(times):.3f})")
    ratios = [theirs / own for own, theirs in pairs]
    print(f"  ratio peer / ours: {statistics.median(ratios):.1f}× ({min(ratios):.1f} – {max(ratios):.1f})")


def once(label: str, function: Callable[[], object], *, count: int, unit: str) -> float:
    """Time one long run and print how many of something it did a second; returns seconds."""
    taken = seconds(function)
    print(f"  {label:<44}{taken:8.2f} s   {count / taken:,.0f} {unit}/s")
    return taken

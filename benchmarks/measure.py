"""CPU time and memory of one piece of work."""

from __future__ import annotations

import ctypes
import gc
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """
    What a piece of work took.

    Parameters
    ----------
    cpu_s
        Processor seconds of the whole process; the least of the repetitions.
    wall_s
        Seconds on the clock of that repetition.
    peak_mb
        Memory at the worst moment of the first repetition above that at its beginning, MB.
    """

    cpu_s: float
    wall_s: float
    peak_mb: float


QUICK_S = 0.25
"""Processor seconds for which work is done again that is over sooner: milliseconds need more than a few tries."""


def measure(work: Callable[[], Result], most: int = 1, enough_s: float = 2.0) -> tuple[Result, Cost]:
    """
    Do something some times and say what it took.

    Parameters
    ----------
    work
        A function without arguments.
    most
        How often at most, where that takes a quarter of a second; the quickest counts, because whatever else a machine
        does only adds. 1: once, however quick.
    enough_s
        Processor seconds after which it is not done again.

    Returns
    -------
    result, cost
        Of the last repetition, and of the quickest.
    """
    _give_back()
    before = _forget_peak()
    result, quickest = _timed(work)
    peak = _peak_mb() - before
    done, spent = 1, quickest[0]
    while most > 1 and spent < (enough_s if done < most else min(enough_s, QUICK_S)):
        result, again = _timed(work)
        quickest, done, spent = min(quickest, again), done + 1, spent + again[0]
    return result, Cost(quickest[0], quickest[1], max(peak, 0.0))


def _timed(work: Callable[[], Result]) -> tuple[Result, tuple[float, float]]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, (time.process_time() - cpu, time.perf_counter() - wall)


def _give_back() -> None:
    """Return freed memory to the system, so that what the next piece of work takes shows up."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library
    if trim is not None:
        trim(0)


def _forget_peak() -> float:
    """Let the kernel's high-water mark start again, where it allows that; return the memory in use, MB."""
    try:
        RESET.write_text("5", encoding="ascii")
    except OSError:
        return _peak_mb()
    return _field("VmRSS")


def _peak_mb() -> float:
    return _field("VmHWM") if STATUS.exists() else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _field(name: str) -> float:
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(name + ":"):
            return float(line.split()[1]) / 1024
    raise RuntimeError(f"{STATUS} has no {name}")

"""
The phases of isopt's work and who takes part in each.

A phase is a piece of work with a name; a contender is a way to do it. Each contender runs in a process of its own:
libraries bring different copies of the same solver, and memory is per process. A phase may build upon what earlier
phases of the same contender made (``needs``), and upon files that are made before the clock starts (``inputs``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEVERITY = 0.5
FIRMS = ((10, 10), (560, 100), (1_200, 150), (3_700, 300), (154_000, 5_000), (524_000, 15_000), (2_200_000, 60_000))
"""Candidate links that a synthetic country of so many firms has (measured; the count itself stands in the results)."""


@dataclass
class Bench:
    """
    What a contender works on and has made so far.

    Parameters
    ----------
    size
        Links wanted.
    seed, severity
        Of the instance.
    seconds
        Time limit of each search.
    folder
        Where the inputs lie; shared by the contenders of one size and seed.
    made
        Results of the phases done, by name, and what was prepared for them.
    failed
        Phases that did not come to an end.
    """

    size: int
    seed: int
    severity: float
    seconds: float
    folder: Path
    made: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


Work = Callable[[Bench], Any]


@dataclass(frozen=True)
class Entry:
    """
    A contender's part in a phase.

    Parameters
    ----------
    work
        What is measured: a function of the bench.
    ready
        What is done before the clock starts.
    upto
        Largest size that it takes part in; None: any.
    sample
        Share of the work that it does, once ready; its seconds are divided by it, and the results say so.
    """

    work: Work
    ready: Work | None = None
    upto: int | None = None
    sample: Callable[[Bench], float] | None = None


@dataclass(frozen=True)
class Phase:
    """
    A piece of work.

    Parameters
    ----------
    name
        A word, for the command line.
    what
        What goes in and out, for the table.
    needs
        Phases of the same contender that run before.
    inputs
        Files that must be there, see :mod:`benchmarks.inputs`.
    clock
        ``cpu_s``, or ``wall_s`` where other processes do the work.
    search
        Whether it proves something: it runs once, has a time limit and need not come to its end.
    upto
        Largest size of all.
    warm
        Whether each contender goes through a tiny instance first, so that what is loaded on use is there.
    entries
        Who takes part, isopt first.
    """

    name: str
    what: str
    needs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    clock: str = "cpu_s"
    search: bool = False
    warm: bool = True
    upto: int | None = None
    entries: dict[str, Entry] = field(default_factory=dict)

    def does(
        self,
        contender: str,
        *,
        ready: Work | None = None,
        upto: int | None = None,
        sample: Callable[[Bench], float] | None = None,
    ) -> Callable[[Work], Work]:
        """Enter a function as a contender's part."""

        def enter(work: Work) -> Work:
            self.entries[contender] = Entry(work, ready, upto, sample)
            return work

        return enter

    def takes(self, contender: str, size: int) -> bool:
        """Tell whether a contender takes part at a size."""
        entry = self.entries.get(contender)
        limits = [] if entry is None else [limit for limit in (self.upto, entry.upto) if limit is not None]
        return entry is not None and all(size <= limit for limit in limits)


PHASES: dict[str, Phase] = {}
"""In the order of the table."""


def phase(name: str, what: str, **more: Any) -> Phase:
    """Enter a phase, and return it for its contenders to be entered."""
    PHASES[name] = Phase(name, what, **more)
    return PHASES[name]


def contenders() -> list[str]:
    """Name everybody who takes part anywhere, isopt first."""
    found = {contender for one in PHASES.values() for contender in one.entries}
    return sorted(found, key=lambda name: (name != "isopt", name))


def chain(contender: str, wanted: Sequence[str], size: int) -> list[str]:
    """
    List the phases that a contender goes through for those wanted, in order.

    Parameters
    ----------
    contender
        Who.
    wanted
        Names of phases.
    size
        Links.
    """
    found: set[str] = set()

    def add(name: str) -> None:
        if name not in found:
            for need in PHASES[name].needs:
                add(need)
            found.add(name)

    for name in wanted:
        if PHASES[name].takes(contender, size):
            add(name)
    return [name for name in PHASES if name in found and contender in PHASES[name].entries]

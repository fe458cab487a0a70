"""What phases work on, made as files before any clock starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.full.facts import full_facts_of
from benchmarks.full.region import FULL_LARGE, full_region
from benchmarks.plain import facts_of
from benchmarks.regions import LARGE, archipelago, region, sources_for
from benchmarks.registry import FIRMS, Bench

if TYPE_CHECKING:
    from isopt.network import Instance
    from isopt.scenario import Scenario


PARK, PARK_SOURCES = 30, 12
"""Links of one park, about, and its sources: small enough that every part is proven exactly in no time."""


def firms_for(links: int) -> int:
    """
    Return how many firms a synthetic country of about so many links has.

    Examples
    --------
    >>> firms_for(524_000), firms_for(1)
    (15000, 10)
    """
    known_links, known_firms = np.log(np.array(FIRMS, dtype=float)).T
    return round(float(np.exp(np.interp(np.log(links), known_links, known_firms))))


def _region(bench: Bench) -> None:
    """Size of the region, and its facts for those who know no scenario."""
    facts_of(_sized(bench, "region", region, LARGE)).save(bench.folder / "facts.npz")


def _full(bench: Bench) -> None:
    """Size of the region with all families, and its facts."""
    full_facts_of(_sized(bench, "full", full_region, FULL_LARGE)).save(bench.folder / "full.npz")


def _parks(bench: Bench) -> None:
    """Facts of parks side by side."""
    from isopt.network import instance_of

    instance = instance_of(parks(bench))
    _size_file(bench.folder, "parks").write_text(f"{len(instance.supply)} {instance.links.count}", encoding="ascii")
    facts_of(instance).save(bench.folder / "parks.npz")


def parks(bench: Bench) -> Scenario:
    """
    Make parks that have nothing in common, as many as have the links asked for.

    Parameters
    ----------
    bench
        Its size is that of all together.
    """
    return archipelago(PARK_SOURCES, max(1, round(bench.size / PARK)), bench.seed, bench.severity)


def _sized(bench: Bench, kind: str, make: Callable[[int, int, float], Scenario], large: int) -> Instance:
    """Find the region of so many links, and write down how large it is."""
    from isopt.network import instance_of

    sources = sources_for(bench.size, bench.seed, bench.severity, make, large)
    instance = instance_of(make(sources, bench.seed, bench.severity))
    _size_file(bench.folder, kind).write_text(f"{sources} {instance.links.count}", encoding="ascii")
    return instance


def _country(bench: Bench) -> None:
    """A synthetic country as a folder."""
    from isopt.synthetic import Dials, new_synthetic

    dials = Dials(firms_for(bench.size), seed=bench.seed, severity=bench.severity)
    new_synthetic(bench.folder / "country", dials)


def _solution(bench: Bench) -> None:
    """A plan of the synthetic country, written: exchanges of the best plan found within 5 % or in the time."""
    import isopt
    from isopt.solution.store import write_solution

    provide(bench, {"country"})
    solution = isopt.solve(isopt.read(bench.folder / "country"), gap=0.05, time_limit=bench.seconds)
    if not solution.has_plan:
        raise SystemExit(f"no plan of {bench.size:,} links within {bench.seconds:g} s: nothing to write and draw")
    write_solution(solution, bench.folder / "out")


INPUTS: Mapping[str, tuple[str, Callable[[Bench], Any]]] = {
    "region": ("facts.npz", _region),
    "full": ("full.npz", _full),
    "parks": ("parks.npz", _parks),
    "country": ("country", _country),
    "solution": ("out", _solution),
}
"""File that shows an input to be there, and how it is made."""


def provide(bench: Bench, names: set[str]) -> None:
    """Make the inputs that are not there yet."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(names):
        file, make = INPUTS[name]
        if not (bench.folder / file).exists():
            make(bench)


def sources_of(folder: Path, kind: str = "region") -> int:
    """Return the size of the region that was made."""
    return int(_size_file(folder, kind).read_text(encoding="ascii").split()[0])


def links_of(folder: Path, inputs: Sequence[str], otherwise: int) -> int:
    """Return the links of the region among a phase's inputs, if there is one."""
    for kind in inputs:
        if _size_file(folder, kind).exists():
            return int(_size_file(folder, kind).read_text(encoding="ascii").split()[1])
    return otherwise


def _size_file(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.txt"

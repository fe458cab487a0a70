"""The scenario: a value that holds checked tables and settings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from isopt.errors import Problem
    from isopt.scenario.distances import Distances
    from isopt.scenario.levels import Levels
    from isopt.scenario.settings import Settings
    from isopt.scenario.typed import Given

__all__ = ["Scenario"]

Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False, repr=False)
class Scenario:
    """
    A checked scenario; a variant of it is made by :meth:`with_`, nothing in it changes.

    Parameters
    ----------
    name
        The folder's name, or the one it was given.
    folder
        Where it was read from, None where it was made in memory.
    settings
        What ``scenario.toml`` says, with defaults.
    tables
        Every table of the contract with every column, before ``changes`` and ``[scale]``. What depends on other tables
        is filled in: an empty organisation, owner, route, capacity, ``states``, unit; coordinates are WGS84; periods
        are in order; without modes there is one.
    given
        The tables as they were given, before anything was filled in.
    warnings
        What is allowed and yet looks wrong.
    inputs
        SHA-256 of every file read.
    levels
        Numbers per period.
    distances
        Ways that were measured and pinned, None where there are none.

    Examples
    --------
    >>> scenario = Scenario.of({
    ...     "facilities": [{"facility": "Mill", "lat": 55.7, "lon": 11.1}],
    ...     "materials": [{"material": "ash"}],
    ...     "streams": [{"stream": "s", "facility": "Mill", "material": "ash", "supply_per_yr": 100}],
    ... })
    >>> scenario.with_(streams={"s": {"supply_per_yr": 50}}).at("streams", "supply_per_yr")
    array([[50.]])
    """

    name: str
    folder: Path | None
    settings: Settings
    tables: Mapping[str, pd.DataFrame]
    given: Mapping[str, Given]
    warnings: tuple[Problem, ...]
    inputs: Mapping[str, str]
    levels: Levels = field(repr=False)
    distances: Distances | None = field(default=None, repr=False)

    @staticmethod
    def of(
        tables: Mapping[str, pd.DataFrame | Sequence[Mapping[str, Any]]],
        settings: Mapping[str, Any] | None = None,
        name: str = "scenario",
    ) -> Scenario:
        """
        Make a scenario in memory, through the same checks as one that is read.

        Parameters
        ----------
        tables
            A frame, or a mapping of columns to values per row, for each table.
        settings
            The content of ``scenario.toml`` as a mapping.
        name
            Its name in messages and results.

        Raises
        ------
        ScenarioError
            With all problems.
        """
        from isopt.scenario.assemble import assemble_from_memory

        return assemble_from_memory(tables, settings or {}, name)

    def with_(self, **parts: Any) -> Scenario:
        """
        Return a variant of the scenario, through the same checks.

        Parameters
        ----------
        **parts
            A table with ``{row id: {column: value}}`` (keys of several columns joined by a bar, as in ``changes``), a
            table with a frame or a list of rows that replaces it, a section of the settings with a mapping merged into
            it, or ``title``, ``name`` or ``price_year``.

        Raises
        ------
        InputError
            A part, row or column is not there; the nearest name is given.
        ScenarioError
            With all problems of the variant.
        """
        from isopt.scenario.assemble import variant

        return variant(self, parts)

    def at(self, table: str, column: str) -> Floats:
        """
        Return a numeric column per period, after ``changes`` and then ``[scale]``.

        Parameters
        ----------
        table
            Name of the table.
        column
            Name of one of its numeric columns.

        Returns
        -------
        values
            Shape (rows, periods), NaN where empty, not writable.
        """
        return self.levels.at(table, column)

    def policy_at(self, key: str, cls: str = "") -> Floats:
        """
        Return a number of ``[policy]`` per period, after ``changes`` and then ``[scale]``.

        Parameters
        ----------
        key
            Such as ``carbon_price_eur_per_t``.
        cls
            Disposal class, for the landfill tax; one that is not given pays 0.

        Returns
        -------
        values
            Shape (periods,), not writable.
        """
        return self.levels.policy(key, cls)

    def limit_at(self, key: str) -> Floats:
        """
        Return a yearly limit per period, after ``changes``.

        Parameters
        ----------
        key
            ``co2_t_per_yr``, ``landfilled_t_per_yr`` or ``diversion_share``.

        Returns
        -------
        values
            Shape (periods,), NaN where there is no limit, not writable.
        """
        return self.levels.limit(key)

    @property
    def title(self) -> str:
        """Title for maps and reports."""
        return self.settings.title or self.name

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of tables and settings: equal scenarios have the same one."""
        digest = hashlib.sha256(repr(self.settings).encode())
        for name, frame in self.tables.items():
            digest.update(name.encode())
            digest.update(frame.to_csv(index=False).encode())
        if self.distances is not None:
            digest.update(self.distances.to_bytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Scenario):
            return NotImplemented
        return self.settings == other.settings and all(
            frame.equals(other.tables[name]) for name, frame in self.tables.items()
        )

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(frame)} {name}" for name, frame in self.tables.items() if len(frame))
        return f"Scenario({self.name!r}: {sizes})"

    @property
    def facilities(self) -> pd.DataFrame:
        """Places, with coordinates in WGS84."""
        return self.tables["facilities"]

    @property
    def materials(self) -> pd.DataFrame:
        """What is moved, made and needed."""
        return self.tables["materials"]

    @property
    def streams(self) -> pd.DataFrame:
        """What facilities give off."""
        return self.tables["streams"]

    @property
    def demands(self) -> pd.DataFrame:
        """What facilities need."""
        return self.tables["demands"]

    @property
    def substitutions(self) -> pd.DataFrame:
        """What can replace what."""
        return self.tables["substitutions"]

    @property
    def technologies(self) -> pd.DataFrame:
        """Kinds of treatment."""
        return self.tables["technologies"]

    @property
    def recipes(self) -> pd.DataFrame:
        """What technologies make of what."""
        return self.tables["recipes"]

    @property
    def mixes(self) -> pd.DataFrame:
        """Shares of inputs."""
        return self.tables["mixes"]

    @property
    def plants(self) -> pd.DataFrame:
        """Plants that stand or may be built."""
        return self.tables["plants"]

    @property
    def disposals(self) -> pd.DataFrame:
        """Landfills and other outlets."""
        return self.tables["disposals"]

    @property
    def modes(self) -> pd.DataFrame:
        """Ways of transport, at least one."""
        return self.tables["modes"]

    @property
    def links(self) -> pd.DataFrame:
        """What is known of single pairs; empty cells stay empty."""
        return self.tables["links"]

    @property
    def rules(self) -> pd.DataFrame:
        """Permits and prohibitions."""
        return self.tables["rules"]

    @property
    def qualities(self) -> pd.DataFrame:
        """Properties of streams and outputs."""
        return self.tables["qualities"]

    @property
    def quality_limits(self) -> pd.DataFrame:
        """Limits on properties."""
        return self.tables["quality_limits"]

    @property
    def stocks(self) -> pd.DataFrame:
        """Storage between periods."""
        return self.tables["stocks"]

    @property
    def periods(self) -> pd.DataFrame:
        """Periods in the order of their years, at least one."""
        return self.tables["periods"]

    @property
    def geocodes(self) -> pd.DataFrame:
        """Coordinates that were found for addresses."""
        return self.tables["geocodes"]

    @property
    def changes(self) -> pd.DataFrame:
        """Numbers that differ between periods."""
        return self.tables["changes"]

"""Paths of a policy over the years: a lever that rises (or falls) by a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.scenario import Scenario
from isopt.scenario.levels import rows_by_id
from isopt.studies.levers import EVERY, SETTINGS, Lever

__all__ = ["held", "lever_levels", "lever_path", "tax_path"]

Array = NDArray[np.float64]

#: How a path goes on between the years that it names.
BETWEEN = ("step", "linear")
#: Columns of a row of ``changes``.
_COLUMNS = ("table", "id", "column", "period", "value", "factor", "onward")


def tax_path(
    scenario: Scenario,
    lever: str = "landfill_tax",
    path: Mapping[int, float] | None = None,
    *,
    between: str = "step",
    years: Sequence[int] = (),
) -> Scenario:
    """
    Return the scenario with a lever that follows a schedule.

    The schedule is written as rows of ``changes``, behind those that are there: it counts from its first year on,
    whatever they say; before that year the lever stays as it is. A year of the scenario stands for itself alone in all
    sums, so that years which are to weigh alike must all be named (every year, or every fifth).

    Parameters
    ----------
    scenario
        One with ``periods``, or one without, which gets a period for each year.
    lever
        As in `isopt.studies.levers.Lever`: ``landfill_tax`` (EUR/t, all classes), ``landfill_tax.CLASS``,
        ``carbon_price``, ``subsidy``, ``TABLE.ID.COLUMN``, or one of these with ``*`` for a factor.
    path
        Value (or factor) by year; a value is what counts in the end, after ``[scale]``.
    between
        ``step``: each value holds until the next year that is named; ``linear``: it goes there in a straight line.
        After the last year it stays.
    years
        Years to plan, where the scenario has no periods; those of the path where they are not given.

    Raises
    ------
    InputError
        No such lever, an empty path, a year past the scenario's last, or a lever that can't change over the years.
    ScenarioError
        A value that is not allowed there.

    Examples
    --------
    >>> import isopt
    >>> rising = tax_path(isopt.read("scenarios/two_firms"), path={2030: 50, 2032: 100}, years=range(2029, 2033))
    >>> rising.policy_at("landfill_tax_eur_per_t", "inert").tolist()
    [50.0, 50.0, 50.0, 100.0]
    >>> tax_path(isopt.read("scenarios/two_firms"), path={2030: 50, 2032: 100}, between="linear",
    ...          years=range(2030, 2033)).policy_at("landfill_tax_eur_per_t", "inert").tolist()
    [50.0, 75.0, 100.0]
    """
    if between not in BETWEEN:
        raise InputError(f"between two years a path goes by step or linear, not {quoted(between)}")
    points = _points(path)
    chosen = _lever(lever)
    planned = _with_years(scenario, list(years) or list(points))
    calendar = planned.periods["year"].to_numpy(dtype=np.int64)
    last, horizon = max(points), int(calendar.max())
    if last > horizon and not (between == "linear" and min(points) <= horizon):
        raise InputError(f"the path goes to {last}, the scenario ends in {horizon}; give it more periods")
    if between == "linear":
        values = np.interp(calendar, list(points), list(points.values()))
    else:
        at = np.searchsorted(list(points), calendar, side="right") - 1
        values = np.array(list(points.values()))[np.maximum(at, 0)]
    return _written(planned, chosen, np.where(calendar < min(points), np.nan, values))


def lever_levels(scenario: Scenario, lever: str | Lever) -> Array:
    """
    Values of a lever over the periods.

    Parameters
    ----------
    scenario
        Any scenario.
    lever
        Its name.

    Returns
    -------
    levels
        A row per class, or per row of the table, shape (rows, periods).

    Examples
    --------
    >>> import isopt
    >>> lever_levels(isopt.read("scenarios/kalundborg"), "carbon_price")
    array([[75.]])
    """
    one = _lever(lever) if isinstance(lever, str) else lever
    if one.table == SETTINGS:
        return np.array([scenario.policy_at(one.column, cls) for cls in one.classes or ("",)])
    rows = [row for _, of in _ids(scenario, one) for row in of]
    return scenario.at(one.table, one.column)[rows]


def lever_path(scenario: Scenario, lever: str) -> pd.DataFrame:
    """
    Return the schedule of a lever as a table.

    Parameters
    ----------
    scenario
        Any scenario.
    lever
        Its name; a factor's is that of the number that it multiplies.

    Returns
    -------
    path
        A row per period and number that the lever moves: ``period, year, share_of_year``, ``id`` (class of a landfill
        tax, else id of the row; empty for a single number) and its ``value``, as it counts in the end.

    Examples
    --------
    >>> import isopt
    >>> rising = tax_path(isopt.read("scenarios/two_firms"), "carbon_price", {2030: 50, 2031: 80})
    >>> lever_path(rising, "carbon_price")[["year", "value"]].to_numpy().tolist()
    [[2030.0, 50.0], [2031.0, 80.0]]
    """
    one = _lever(lever.rstrip("*"))
    if one.table == SETTINGS:
        names = [cls or "" for cls in one.classes or ("",)]
    else:
        names = [name for name, rows in _ids(scenario, one) for _ in rows]
    levels, periods = lever_levels(scenario, one), scenario.periods
    when = periods[["period", "year", "share_of_year"]]
    tables = [when.assign(id=name, value=level) for name, level in zip(names, levels, strict=True)]
    return pd.concat(tables, ignore_index=True)


def held(scenario: Scenario, lever: str, year: int) -> Scenario:
    """
    Return the scenario as somebody sees it who takes a year's rate for the rate of all years to come.

    Parameters
    ----------
    scenario
        One with several years.
    lever
        As in `tax_path`. Everything else that changes over the years stays known.
    year
        From the next year on, each of the lever's numbers stays what it is in this year's last period.

    Examples
    --------
    >>> import isopt
    >>> rising = tax_path(isopt.read("scenarios/two_firms"), path={2030: 50, 2031: 80, 2032: 100})
    >>> held(rising, "landfill_tax", 2031).policy_at("landfill_tax_eur_per_t", "inert").tolist()
    [50.0, 80.0, 80.0]
    """
    one = _lever(lever.rstrip("*"))
    calendar = scenario.periods["year"].to_numpy(dtype=np.int64)
    now = np.flatnonzero(calendar <= year)
    if not len(now) or calendar[now[-1]] != year:
        raise InputError(f"{year} is no year of {scenario.name}")
    later = np.arange(len(calendar)) > now[-1]
    if not later.any():
        return scenario
    found = scenario
    for place, level in enumerate(lever_levels(scenario, one)):
        found = _written(found, one, np.where(later, level[now[-1]], np.nan), only=place)
    return found


def _points(path: Mapping[int, float] | None) -> dict[int, float]:
    """The path in the order of its years, as numbers."""
    if not path:
        raise InputError("a path gives a value for at least one year, such as {2030: 50, 2035: 100}")
    points = {}
    for year, value in path.items():
        try:
            points[int(year)] = float(value)
        except (TypeError, ValueError) as error:
            raise InputError(f"a path gives a number by year, not {year!r}: {value!r}") from error
        if not np.isfinite(points[int(year)]) or int(year) != float(year):
            raise InputError(f"a path gives a finite number by year, not {year!r}: {value!r}")
    return dict(sorted(points.items()))


def _lever(name: str) -> Lever:
    lever = Lever.parse(name)
    if lever.contract.varies not in {"year", "period"}:
        known = ("landfill_tax", "carbon_price", "subsidy")
        raise InputError(f"{quoted(name)} can't change over the years{did_you_mean(name, known)}")
    return lever


def _with_years(scenario: Scenario, years: Sequence[int]) -> Scenario:
    """Give the scenario a period a year where it has none."""
    if len(scenario.given["periods"].frame):
        return scenario
    named = sorted({int(year) for year in years})
    return scenario.with_(periods=[{"period": str(year), "year": year} for year in named])


def _ids(scenario: Scenario, lever: Lever) -> list[tuple[str, list[int]]]:
    """Ids of the table's rows that the lever moves, with their rows."""
    known = rows_by_id(lever.table, scenario.tables[lever.table])
    if lever.row == EVERY:
        return list(known.items())
    if lever.row not in known:
        raise InputError(f"{quoted(lever.row)} is not in {lever.table}{did_you_mean(lever.row, known)}")
    return [(lever.row, known[lever.row])]


def _written(scenario: Scenario, lever: Lever, values: Array, only: int | None = None) -> Scenario:
    """
    Add rows to ``changes`` that set the lever in the periods in which a value is given.

    Parameters
    ----------
    scenario, lever
        What is changed, and in what.
    values
        Values or factors, NaN where nothing changes, shape (periods,).
    only
        Row of `lever_levels` that is set; all where it is not given.
    """
    scale = scenario.settings.scale.get(f"{lever.table}.{lever.column}", 1.0)
    if scale == 0 and not lever.factor:
        raise InputError(f"[scale] multiplies {lever.table}.{lever.column} by 0, so {lever.name} can't be set")
    if lever.table == SETTINGS:
        targets = [(lever.column, cls) for cls in lever.classes or ("",)]
    else:
        targets = [(key, lever.column) for key, rows in _ids(scenario, lever) for _ in rows]
    chosen = dict.fromkeys(targets if only is None else targets[only : only + 1])
    periods = scenario.periods
    first_of_year = ~periods["year"].duplicated().to_numpy()
    when = ~np.isnan(values) & (first_of_year if lever.contract.varies == "year" else True)
    rows: list[dict[str, Any]] = [
        {
            "table": lever.table,
            "id": key,
            "column": column,
            "period": periods["period"].iloc[place],
            "value": np.nan if lever.factor else values[place] / scale,
            "factor": values[place] if lever.factor else np.nan,
            "onward": False,
        }
        for key, column in chosen
        for place in np.flatnonzero(when)
    ]
    if not rows:
        return scenario
    there = scenario.given["changes"].frame
    new = pd.DataFrame(rows, columns=list(_COLUMNS))
    return scenario.with_(changes=pd.concat([there, new], ignore_index=True) if len(there) else new)

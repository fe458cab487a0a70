"""Figures of the policy lab: what a lever does, the front, who pays, and paths over the years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.solution import Solution
from isopt.views.figures import INK, PALE, bars, checked, label_of, name_axis, styled
from isopt.views.numbers import plain
from isopt.views.palette import COLOURS, shade
from isopt.views.texts import known, text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_incidence", "draw_lever", "draw_organisations", "draw_pareto", "draw_tax_path"]

Array = NDArray[np.float64]

#: Bars in one figure, and lines that are named; the tables hold them all.
MOST_BARS, MOST_NAMED = 14, 6
BLUE, VERMILION, GREEN, ORANGE = COLOURS[:4]
#: Units of objectives.
OBJECTIVES = {"cost_total": "EUR", "co2_total": "t", "landfilled": "t", "tonne_km": "t km"}


def draw_lever(table: pd.DataFrame, *, lever: str = "landfill_tax", unit: str = "EUR/t", yearly: bool = True) -> Figure:
    """
    Draw cost, tonnes and revenue against a lever, from a table of intervals.

    Parameters
    ----------
    table
        A row per interval, as in ``thresholds.csv``: ``low, high, cost_at_low, cost_at_high, landfilled, co2_total,
        revenue_at_low, revenue_at_high``, and ``error`` (how much the cost may be too high, EUR), drawn as a band.
    lever, unit
        Lever and its unit, for the axis.
    yearly
        Whether amounts are those of one year; else they are sums over a horizon.

    Returns
    -------
    figure
        Three panels over one axis, a fine line at each value at which the network changes.

    Raises
    ------
    InputError
        The table is empty or lacks a column.

    Examples
    --------
    >>> table = pd.DataFrame({"low": [0, 20], "high": [20, 100], "cost_at_low": [500, 900], "cost_at_high": [900, 1300],
    ...     "landfilled": [20, 5], "co2_total": [3, 1], "revenue_at_low": [0, 100], "revenue_at_high": [400, 500]})
    >>> len(draw_lever(table).axes)
    4
    """
    needed = ["low", "high", "cost_at_low", "cost_at_high", "landfilled", "revenue_at_low", "revenue_at_high"]
    checked(table, needed)
    rows = table.sort_values("low", kind="stable")
    with styled() as new_figure:
        figure = new_figure((7.0, 6.6))
        money, mass = (_per_year(unit, yearly=yearly) for unit in ("EUR", "t"))
        cost, tonnes, revenue = figure.subplots(3, 1, sharex=True)
        ends = rows[["low", "high"]].to_numpy(dtype=np.float64)
        _ramps(cost, ends, rows[["cost_at_low", "cost_at_high"]].to_numpy(dtype=np.float64), BLUE, rows.get("error"))
        name_axis(cost, money, text("chart.cost_of_all"))
        _levels(tonnes, ends, rows["landfilled"].to_numpy(dtype=np.float64), VERMILION, "-")
        name_axis(tonnes, mass, text("chart.landfilled"), VERMILION)
        tonnes.set_ylim(bottom=0)
        if "co2_total" in rows:
            beside = tonnes.twinx()
            beside.spines["right"].set_visible(True)
            beside.grid(visible=False)
            _levels(beside, ends, rows["co2_total"].to_numpy(dtype=np.float64), GREEN, "--")
            beside.set_ylim(bottom=min(0.0, beside.get_ylim()[0]))
            name_axis(beside, mass, text("chart.co2_dashed"), GREEN)
        paid = rows[["revenue_at_low", "revenue_at_high"]].to_numpy(dtype=np.float64)
        _ramps(revenue, ends, paid, ORANGE)
        name_axis(revenue, money, text("chart.revenue"))
        for axes in (cost, tonnes, revenue):
            for value in ends[1:, 0]:
                axes.axvline(value, color=PALE, linewidth=0.6, zorder=0.5)
        figure.align_ylabels([cost, tonnes, revenue])
        revenue.set_xlabel(lever_axis(lever, unit))
        revenue.set_xlim(ends[0, 0], ends[-1, 1] if ends[-1, 1] > ends[0, 0] else ends[0, 0] + 1)
        count = len(ends) - 1
        cost.set_title(text(("chart.changes_never", "chart.changes_once", "chart.changes")[min(count, 2)], count=count))
        return figure


def draw_pareto(table: pd.DataFrame, *, x: str = "co2_total", y: str = "cost_total", colour: str = "") -> Figure:
    """
    Draw a front of two objectives, and a third one as colour.

    Parameters
    ----------
    table
        A row per point, as in ``pareto.csv``: the objectives, ``supported``, and ``knee`` where one is marked.
    x, y, colour
        Columns of the axes and of the colour (none by default).

    Returns
    -------
    figure
        Supported points filled and joined (where there are two objectives), others hollow, the knee named.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    checked(table, [x, y, "supported", *([colour] if colour else [])])
    rows = table.sort_values([x, y], kind="stable").reset_index(drop=True)
    supported = rows["supported"].astype(bool).to_numpy()
    across, up = (rows[name].to_numpy(dtype=np.float64) for name in (x, y))
    with styled() as new_figure:
        figure = new_figure((6.4, 4.6))
        axes = figure.subplots()
        axes.grid(visible=True, axis="both")
        if colour:
            shown = axes.scatter(across, up, c=rows[colour].to_numpy(dtype=np.float64), cmap="viridis", s=34, zorder=3)
            bar = figure.colorbar(shown, ax=axes)
            name_axis(bar.ax, OBJECTIVES.get(colour, ""), objective(colour))
        else:
            axes.plot(across[supported], up[supported], "-", color=shade(BLUE, 0.5), linewidth=1, zorder=2)
            axes.plot(across[supported], up[supported], "o", color=BLUE, label=text("chart.supported"), zorder=3)
            if not supported.all():
                axes.plot(
                    across[~supported],
                    up[~supported],
                    "o",
                    color=BLUE,
                    mfc="white",
                    label=text("chart.between"),
                    zorder=3,
                )
                axes.legend()
        for place in np.flatnonzero(rows["knee"].astype(bool)) if "knee" in rows else []:
            where = (across[place], up[place])
            axes.annotate(text("chart.knee"), where, xytext=(8, 8), textcoords="offset points", color=VERMILION)
            axes.plot(*where, "o", ms=11, mfc="none", color=VERMILION, zorder=4)
        for name, along in ((x, True), (y, False)):
            name_axis(axes, OBJECTIVES.get(name, ""), objective(name), which="x" if along else "y")
        axes.set_title(text("chart.front"))
        return figure


def draw_incidence(table: pd.DataFrame, *, instrument: str = "landfill_tax") -> Figure:
    """
    Draw what each organisation would pay if nothing changed hands, split into what it pays and what it avoids.

    Parameters
    ----------
    table
        As in ``incidence.csv``: ``instrument, organisation, static_eur_per_yr, paid_eur_per_yr``; items are added up.
    instrument
        Which charge.

    Returns
    -------
    figure
        A bar per organisation, the largest on top (beyond `MOST_BARS` the rest together). Who pays more than before has
        the excess in another colour.

    Raises
    ------
    InputError
        The table lacks a column, or the instrument charges nobody.
    """
    needed = ["instrument", "organisation", "static_eur_per_yr", "paid_eur_per_yr"]
    checked(table, needed)
    kinds = list(dict.fromkeys(table["instrument"]))
    if instrument not in kinds:
        raise InputError(f"{quoted(instrument)} charges nobody here{did_you_mean(instrument, kinds)}")
    rows = table[table["instrument"] == instrument].groupby("organisation", sort=False)[needed[2:]].sum()
    rows = _largest(rows, rows.abs().max(axis=1))
    static, paid = (rows[name].to_numpy(dtype=np.float64) for name in needed[2:])
    with styled() as new_figure:
        figure, axes = bars(new_figure, rows.index)
        places = np.arange(len(rows))
        kept = np.minimum(static, paid)
        axes.barh(places, kept, color=BLUE, label=text("chart.paid"))
        gone, more = np.maximum(static - paid, 0.0), np.maximum(paid - static, 0.0)
        if gone.any():
            axes.barh(
                places,
                gone,
                left=kept,
                color=shade(BLUE, 0.6),
                hatch="///",
                edgecolor="white",
                label=text("chart.avoided"),
            )
        if more.any():
            axes.barh(places, more, left=kept, color=VERMILION, label=text("chart.paid_more"))
        axes.margins(x=0.14)
        for place, value in enumerate(np.maximum(static, paid)):
            _value(axes, value, place)
        name_axis(axes, _per_year("EUR"), text("chart.charge"), which="x")
        axes.set_title(text("chart.incidence", charge=lever_name(instrument)))
        axes.legend(loc="lower right")
        return figure


def draw_organisations(table: pd.DataFrame, *, title: str | None = None) -> Figure:
    """
    Draw winners and losers: the change of cost of each organisation (or sector), after payments between firms.

    Parameters
    ----------
    table
        As in ``organisations.csv`` or ``sectors.csv``: ``organisation`` (or ``sector``) and
        ``change_after_payments_eur_per_yr``.
    title
        Over the figure; "Who gains and who loses", if not given.

    Returns
    -------
    figure
        A bar per organisation whose cost changes: losses to the right, gains to the left.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    name = "sector" if "organisation" not in table.columns and "sector" in table.columns else "organisation"
    change = "change_after_payments_eur_per_yr"
    checked(table, [name, change])
    rows = table.set_index(name)[[change]]
    rows = rows[rows[change].abs() > 1e-9 * max(float(rows[change].abs().max()), 1.0)]
    rows = _largest(rows, rows[change].abs()).sort_values(change, ascending=False, kind="stable")
    values = rows[change].to_numpy(dtype=np.float64)
    with styled() as new_figure:
        figure, axes = bars(new_figure, rows.index)
        axes.barh(np.arange(len(rows)), values, color=np.where(values > 0, VERMILION, GREEN).tolist())
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.margins(x=0.14)
        for place, value in enumerate(values):
            _value(axes, value, place)
        name_axis(axes, _per_year("EUR"), text("chart.change_of_cost"), which="x")
        axes.set_title(label_of(text("chart.who_gains") if title is None else title, 80))
        return figure


def draw_tax_path(
    solutions: Mapping[int, Solution], rates: Mapping[int, float], *, lever: str = "landfill_tax", unit: str = "EUR/t"
) -> Figure:
    """
    Draw a path of a lever, what is landfilled in each year by when the path was announced, and what not knowing costs.

    Parameters
    ----------
    solutions
        Plan by the year of its announcement, the first one with foresight; those without a plan are left out.
    rates
        The lever's value by year.
    lever, unit
        For the axis.

    Returns
    -------
    figure
        Two panels over the years (rate; landfilled, with a mark where a plant is built) and one of costs.

    Raises
    ------
    InputError
        There is no plan.
    """
    from matplotlib.ticker import MaxNLocator

    plans = {year: solution for year, solution in sorted(solutions.items()) if solution.has_plan}
    if not plans:
        raise InputError("there is no plan to draw")
    with styled() as new_figure:
        figure = new_figure((8.4, 5.2))
        grid = figure.add_gridspec(2, 2, width_ratios=(1.7, 1), height_ratios=(1, 1.6))
        rate = figure.add_subplot(grid[0, 0])
        tonnes, cost = figure.add_subplot(grid[1, 0], sharex=rate), figure.add_subplot(grid[:, 1])
        years = sorted(rates)
        rate.stairs([rates[year] for year in years], _edges(years), baseline=None, color=INK, linewidth=1.8)
        rate.set_ylabel(lever_axis(lever, unit))
        rate.set_ylim(bottom=min(0.0, *rates.values()))
        for place, (announced, solution) in enumerate(plans.items()):
            _path(tonnes, solution, COLOURS[place % len(COLOURS)], len(plans) - 1 - place, _announced(announced))
        tonnes.set_ylim(bottom=0)
        if len(plans) <= MOST_NAMED:
            tonnes.legend(fontsize="small")
        name_axis(tonnes, _per_year("t"), text("chart.landfilled"))
        tonnes.set_xlabel(text("chart.year_dots"))
        tonnes.xaxis.set_major_locator(MaxNLocator(integer=True))
        rate.tick_params(labelbottom=False)
        first = next(iter(plans.values())).kpi("cost_total")
        extra = [solution.kpi("cost_total") - first for solution in plans.values()]
        colours = [COLOURS[place % len(COLOURS)] for place in range(len(plans))]
        cost.bar(np.arange(len(plans)), extra, color=colours)
        cost.set_xticks(np.arange(len(plans)), [str(year) for year in plans], rotation=90 if len(plans) > 6 else 0)
        cost.set_xlabel(text("chart.announced_in"))
        cost.set_ylim(bottom=min(0.0, *extra))
        name_axis(cost, "EUR", text("chart.not_knowing"))
        rate.set_title(text("chart.path"))
        return figure


def lever_name(lever: str) -> str:
    """
    A lever as a reader knows it.

    Parameters
    ----------
    lever
        As `isopt.studies.levers.Lever` calls it.

    Examples
    --------
    >>> lever_name("landfill_tax"), lever_name("modes.truck.eur_per_tkm")
    ('landfill tax', 'modes.truck.eur_per_tkm')
    """
    return known(f"lever.{lever}", label_of(lever))


def lever_axis(lever: str, unit: str) -> str:
    """
    Name of an axis along a lever.

    Parameters
    ----------
    lever, unit
        The lever and its unit.
    """
    return text("axis.with_unit", label=lever_name(lever), unit=label_of(unit)) if unit else lever_name(lever)


def objective(kpi: str) -> str:
    """
    An objective as an axis names it, without its unit.

    Parameters
    ----------
    kpi
        Such as ``cost_total``.
    """
    return known(f"objective.{kpi}", known(f"kpi.{kpi}", label_of(kpi)))


def _per_year(unit: str, *, yearly: bool = True) -> str:
    return text("axis.per_year", unit=unit) if yearly else unit


def _announced(year: int) -> str:
    return text("chart.announced", year=year)


def _ramps(axes: Axes, ends: Array, values: Array, colour: str, error: pd.Series[Any] | None = None) -> None:
    """Draw a straight line over each interval, joined where they meet, and a band of what it may be too high."""
    across, up = ends.ravel(), values.ravel()
    axes.plot(across, up, color=colour, linewidth=1.8)
    if error is not None:
        told = error.to_numpy(dtype=np.float64)
        below = np.repeat(np.where(np.isfinite(told), told, 0.0), 2)  # what is not known has no end to draw
        if below.any():
            axes.fill_between(
                across, up - below, up, color=colour, alpha=0.25, linewidth=0, label=text("chart.may_be_lower")
            )
            axes.legend(loc="lower right")


def _levels(axes: Axes, ends: Array, values: Array, colour: str, dash: str) -> None:
    """Draw a level over each interval."""
    axes.plot(ends.ravel(), np.repeat(values, 2), dash, color=colour, linewidth=1.8)


def _largest(rows: pd.DataFrame, size: pd.Series[Any]) -> pd.DataFrame:
    """The largest rows in front; the rest together behind them."""
    rows = rows.loc[:, :].iloc[np.argsort(-size.to_numpy(dtype=np.float64), kind="stable")]
    if len(rows) <= MOST_BARS:
        return rows
    rest = rows.iloc[MOST_BARS - 1 :]
    together = pd.DataFrame([rest.sum()], index=[text("chart.others", count=len(rest))])
    return pd.concat([rows.iloc[: MOST_BARS - 1], together])


def _value(axes: Axes, value: float, place: int) -> None:
    """Write an amount beside the end of its bar."""
    away = 3 if value >= 0 else -3
    axes.annotate(
        plain(value),
        (value, place),
        xytext=(away, 0),
        textcoords="offset points",
        ha="left" if value >= 0 else "right",
        va="center",
        fontsize="small",
        color=INK,
    )


def _edges(years: list[int]) -> Array:
    """Where the steps of a line over some years lie: halfway between them, shape (years + 1,)."""
    middles = (np.array(years[1:]) + np.array(years[:-1])) / 2
    return np.array([years[0] - 0.5, *middles, years[-1] + 0.5])


def _path(axes: Axes, solution: Solution, colour: str, width: int, label: str) -> None:
    """Landfilled tonnes of one plan over its years, a dot in the years in which plants are built."""
    found = solution.kpis[(solution.kpis["kpi"] == "landfilled") & (solution.kpis["year"] != "total")]
    years, tonnes = found["year"].astype(int).to_list(), found["value"].astype(float).to_list()
    axes.stairs(tonnes, _edges(years), baseline=None, color=colour, linewidth=1 + 2 * width, label=label)
    plants = solution.plants
    if len(plants):
        first = plants[plants["built"]].groupby("plant")["year"].min()
        marks = [(year, tonnes[years.index(year)]) for year in sorted(set(first.astype(int)))]
        for year, height in marks:
            axes.plot(year, height, "o", color=colour, markersize=6 + 2 * width, clip_on=False, zorder=4)

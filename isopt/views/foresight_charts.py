"""Figures of foresight: what a late announcement costs, what is done year by year, and which plant is built when."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.views.figures import INK, PALE, bars, checked, label_of, name_axis, styled
from isopt.views.palette import COLOURS
from isopt.views.policy_charts import VERMILION, lever_name
from isopt.views.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_announcements", "draw_building", "draw_years", "same_plans"]

Array = NDArray[np.float64]

#: Bars of a figure of plants, a line for each plant and group of announcements; the table holds them all.
MOST_LINES = 60
#: Rates that are drawn, groups that a legend names, and years that an axis names side by side.
MOST_RATES, MOST_NAMED, MOST_UPRIGHT = 8, 20, 4
#: Groups that colours of their own tell apart; more are shades from early to late.
MOST_COLOURS = 6
#: Letters of a title that a third of a figure has room for.
PANEL_LETTERS = 26
#: Amounts that differ by at most this share of the largest are the same: a gap of 1e-4 leaves no more undecided.
SAME = 1e-6
#: Room on either side of a year, as a share of a year.
HALF = 0.5


class Group(NamedTuple):
    """Announcements in a row that lead to the same plan: their years, what a legend says, and a colour."""

    years: tuple[int, ...]
    label: str
    colour: str


def same_plans(years: pd.DataFrame, plants: pd.DataFrame) -> list[Group]:
    """
    Find announcements in a row that lead to the same plan, so that one line stands for all of them.

    Parameters
    ----------
    years
        As in ``foresight_years.csv``: ``announced, year`` and figures of each year.
    plants
        As in ``foresight_plants.csv``: ``announced, plant, built_year``.

    Returns
    -------
    groups
        In the order of the announcements; two plans are the same if all figures of all years and all plants are.

    Examples
    --------
    >>> years = pd.DataFrame({"announced": [2030, 2031, 2032], "year": 2030, "landfilled": [5.0, 5.0, 9.0]})
    >>> plants = pd.DataFrame({"announced": [], "plant": [], "built_year": []})
    >>> [group.label for group in same_plans(years, plants)]
    ['announced 2030–2031', 'announced 2032']
    """
    figures = [name for name in years.columns if name not in {"announced", "year"}]
    size = np.maximum(years[figures].abs().max().to_numpy(dtype=np.float64), 1.0)
    found: list[list[int]] = []
    before: tuple[Array, list[tuple[str, int]]] | None = None
    for announced, rows in years.groupby("announced", sort=True):
        of = plants[plants["announced"] == announced]
        built = sorted(zip(of["plant"].astype(str), of["built_year"].astype(int), strict=True))
        amounts = rows[figures].to_numpy(dtype=np.float64) / size
        same = (
            before is not None
            and built == before[1]
            and amounts.shape == before[0].shape
            and bool((np.abs(amounts - before[0]) <= SAME).all())
        )
        if same:
            found[-1].append(int(str(announced)))
        else:
            found.append([int(str(announced))])
            before = amounts, built
    colours = _colours(len(found))
    return [Group(tuple(of), _announced(of), colour) for of, colour in zip(found, colours, strict=True)]


def draw_announcements(table: pd.DataFrame, groups: Sequence[Group]) -> Figure:
    """
    Draw what not knowing costs, what is landfilled and what is invested, by the year of the announcement.

    Parameters
    ----------
    table
        As in ``foresight.csv``: ``announced, cost_of_not_knowing_eur, landfilled, capex``, and ``error`` where it is
        known how much a cost may be too high, drawn as a whisker.
    groups
        From `same_plans`, for the colours.

    Returns
    -------
    figure
        Three panels of bars; an announcement without a plan is a cross at the lower edge.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    panels = {"cost_of_not_knowing_eur": ("EUR", "chart.not_knowing"), "landfilled": ("t", "chart.landfilled"),
              "capex": ("EUR", "chart.invested")}  # fmt: skip
    checked(table, ["announced", *panels])
    colours = {year: group.colour for group in groups for year in group.years}
    rows = table.sort_values("announced", kind="stable")
    years = rows["announced"].astype(int).tolist()
    places = np.arange(len(years))
    with styled() as new_figure:
        figure = new_figure((7.4, 3.1))
        for axes, (name, (unit, words)) in zip(figure.subplots(1, 3), panels.items(), strict=True):
            values = rows[name].to_numpy(dtype=np.float64)
            axes.bar(places, np.nan_to_num(values), color=[colours.get(year, PALE) for year in years], width=0.75)
            lost = places[np.isnan(values)]
            axes.plot(lost, np.full(len(lost), 0.04), "x", color=VERMILION, transform=axes.get_xaxis_transform())
            if name == "cost_of_not_knowing_eur" and "error" in rows:
                _whiskers(axes, values, rows["error"].to_numpy(dtype=np.float64))
            if not np.nan_to_num(values).any():
                _all_zero(axes)
            axes.axhline(0, color=INK, linewidth=0.8)
            upright = len(years) > MOST_UPRIGHT
            axes.set_xticks(places, [str(year) for year in years], rotation=90 if upright else 0)
            axes.set_xlim(-0.7, len(years) - 0.3)
            _named(axes, unit, "\n".join(wrap(text(words), PANEL_LETTERS)))
            axes.set_xlabel(text("chart.announced_in"))
        return figure


def draw_years(
    path: pd.DataFrame, years: pd.DataFrame, groups: Sequence[Group], *, lever: str = "landfill_tax", unit: str = ""
) -> Figure:
    """
    Draw the schedule of a lever, and what is landfilled and invested year by year under it.

    Parameters
    ----------
    path
        As in ``foresight_path.csv``: ``period, year, share_of_year, id, value``.
    years
        As in ``foresight_years.csv``: ``announced, year, landfilled, capex``.
    groups
        From `same_plans`: a line each.
    lever, unit
        The lever and its unit.

    Returns
    -------
    figure
        Three panels over one axis: the rate (a line for each set of rows with the same schedule), tonnes landfilled,
        and what has been invested so far.

    Raises
    ------
    InputError
        A table is empty or lacks a column, or the schedule lacks rows.
    """
    from matplotlib.ticker import MaxNLocator

    checked(path, ["period", "year", "share_of_year", "id", "value"])
    checked(years, ["announced", "year", "landfilled", "capex"])
    with styled() as new_figure:
        figure = new_figure((7.4, 6.4))
        rate, tonnes, spent = figure.subplots(3, 1, sharex=True, height_ratios=(1, 1.5, 1.2))
        rate.set_title(lever_name(lever), fontsize="small")
        rate.set_ylabel(label_of(unit))
        _rates(rate, path)
        for place, group in enumerate(groups):
            rows = years[years["announced"] == group.years[0]].sort_values("year", kind="stable")
            when = rows["year"].astype(int).tolist()
            below = len(groups) - 1 - place if len(groups) <= MOST_COLOURS else 0
            width = 1.4 + 1.2 * min(below, 3)  # what lies below is wider, so that it is seen
            for axes, values in ((tonnes, rows["landfilled"]), (spent, rows["capex"].cumsum())):
                axes.stairs(
                    values.to_numpy(dtype=np.float64), edges(when), baseline=None, color=group.colour, linewidth=width,
                    label=group.label if place < MOST_NAMED else "_more",
                )  # fmt: skip
        for axes in (tonnes, spent):
            axes.set_ylim(bottom=0)
            if all(not np.nan_to_num(line.get_data().values).any() for line in axes.patches):
                _all_zero(axes)
        handles, labels = tonnes.get_legend_handles_labels()
        figure.legend(handles, labels, fontsize="small", ncols=4, loc="outside lower left")
        _named(tonnes, text("axis.per_year", unit="t"), text("chart.landfilled"))
        _named(spent, "EUR", text("chart.invested_so_far"))
        spent.xaxis.set_major_locator(MaxNLocator(integer=True))
        spent.margins(x=0.01)
        figure.align_ylabels([rate, tonnes, spent])
        return figure


def draw_building(plants: pd.DataFrame, horizon: Sequence[int], groups: Sequence[Group]) -> Figure:
    """
    Draw which plant is built when, by when the path was announced.

    Parameters
    ----------
    plants
        As in ``foresight_plants.csv``: ``announced, plant, built_year, what``.
    horizon
        Years of the scenario.
    groups
        From `same_plans`: a bar each, from the year in which the plant is built (hatched: enlarged) to the last.

    Returns
    -------
    figure
        A band of bars for each plant, those built first on top; a pale line says that it is not built. Beyond
        `MOST_LINES` bars the rest is left out, as the title says.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    checked(plants, ["announced", "plant", "built_year", "what"])
    order = plants.groupby("plant", sort=False)["built_year"].min().sort_values(kind="stable").index.tolist()
    shown = order[: max(1, MOST_LINES // max(len(groups), 1))]
    first, last = min(horizon) - HALF, max(horizon) + HALF
    decided = {
        (str(row["plant"]), int(row["announced"])): (int(row["built_year"]), str(row["what"]))
        for row in plants.to_dict("records")
    }
    step = 1.0 / (len(groups) + 1)
    with styled() as new_figure:
        figure, axes = bars(new_figure, shown)
        figure.set_size_inches(7.4, 1.5 + max(0.34, 0.17 * (len(groups) + 1)) * len(shown))
        for place, plant in enumerate(shown):
            for number, group in enumerate(groups):
                at = place + (number - (len(groups) - 1) / 2) * step
                built = decided.get((str(plant), group.years[0]))
                if built is None:
                    axes.plot([first, last], [at, at], ":", color=PALE, linewidth=1.0, zorder=1)
                    continue
                axes.barh(
                    at, last - (built[0] - HALF), left=built[0] - HALF, height=0.86 * step, color=group.colour,
                    hatch="///" if built[1] == "enlarged" else None, edgecolor="white", linewidth=0,
                )  # fmt: skip
                if len(groups) <= MOST_NAMED:
                    axes.annotate(
                        str(built[0]), (built[0] - HALF, at), xytext=(3, 0), textcoords="offset points",
                        va="center_baseline", fontsize=6.5, color="white", clip_on=True,
                        bbox={"facecolor": group.colour, "edgecolor": "none", "pad": 0.5},  # over a hatch
                    )  # fmt: skip
        _building_axes(figure, axes, horizon, groups, len(shown))
        words = text("chart.building")
        axes.set_title(words if len(shown) == len(order) else f"{words} ({len(shown)}/{len(order)})")
        return figure


def edges(years: Sequence[int]) -> Array:
    """
    Tell where the steps of a line over some years lie: halfway between them, shape (years + 1,).

    Examples
    --------
    >>> edges([2030, 2031, 2035]).tolist()
    [2029.5, 2030.5, 2033.0, 2035.5]
    """
    whole = np.asarray(years, dtype=np.float64)
    return np.concatenate([whole[:1] - HALF, (whole[1:] + whole[:-1]) / 2, whole[-1:] + HALF])


def _colours(count: int) -> list[str]:
    """Colours of groups: those that differ for everybody as far as they go, then shades from early to late."""
    if count <= MOST_COLOURS:
        return list(COLOURS[:count])
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    return [to_hex(mpl.colormaps["viridis"](0.78 * place / (count - 1))) for place in range(count)]


def _announced(years: Sequence[int]) -> str:
    """Say of announcements in a row when they are made."""
    told = str(years[0]) if len(years) == 1 else f"{years[0]}\N{EN DASH}{years[-1]}"
    return text("chart.announced", year=told)


def _all_zero(axes: Axes) -> None:
    """Leave room above a line of zeros, and name no amount that is not there."""
    axes.set_ylim(0, 1)
    axes.set_yticks([0])


def _named(axes: Axes, unit: str, name: str) -> None:
    """Name a panel above it, and its unit beside it: a name beside a low panel would be cut off."""
    name_axis(axes, unit, "")
    axes.set_ylabel(axes.get_ylabel().strip(" ()"))
    axes.set_title(name, fontsize="small")


def _whiskers(axes: Axes, values: Array, error: Array) -> None:
    """Draw from where to where the cost of not knowing may lie: its own cost may be lower, as may that of foresight."""
    known = np.isfinite(values) & np.isfinite(error)
    if not (known.any() and known[0]):
        return
    places, largest = np.flatnonzero(known), np.abs(values[known]).max()
    below, above = error[known], np.full(len(places), error[0])
    below, above = np.where(places == 0, 0.0, below), np.where(places == 0, 0.0, above)
    if max(below.max(), above.max()) > 0.01 * largest:  # less would not be seen
        axes.errorbar(places, values[known], yerr=[below, above], fmt="none", ecolor=INK, elinewidth=0.9, capsize=2)


def _rates(axes: Axes, path: pd.DataFrame) -> None:
    """Draw a line for each schedule, with the names of its rows where schedules differ."""
    count = path["period"].nunique()
    if len(path) % count:
        raise InputError("the schedule does not hold every row in every period; write the study again")
    schedules: dict[tuple[float, ...], list[str]] = {}
    names, values = (path[name].to_numpy().reshape(-1, count) for name in ("id", "value"))
    for name, line in zip(names[:, 0], values, strict=True):
        schedules.setdefault(tuple(line.tolist()), []).append("" if pd.isna(name) else str(name))
    for place, (schedule, of) in enumerate(list(schedules.items())[:MOST_RATES]):
        dash = ("-", "--", ":", "-.")[place % 4]
        label = label_of(", ".join(dict.fromkeys(of)), 40)
        axes.stairs(
            schedule, _moments(path.iloc[:count]), baseline=None, color=INK, linewidth=1.8, linestyle=dash, label=label
        )
    low, high = axes.get_ylim()
    axes.set_ylim(bottom=min(0.0, low), top=max(high, 1.0) if low >= 0 else high)
    if len(schedules) > 1:
        axes.legend(fontsize="small", ncols=2)
    if len(schedules) > MOST_RATES:
        axes.set_title(f"{axes.get_title(loc='left')} ({MOST_RATES}/{len(schedules)})", fontsize="small")


def _moments(when: pd.DataFrame) -> Array:
    """Ends of periods on the axis of years: those of one year share its room by their length, shape (periods + 1,)."""
    years = when["year"].to_numpy(dtype=np.int64)
    share = when["share_of_year"].to_numpy(dtype=np.float64)
    calendar = list(dict.fromkeys(years.tolist()))
    ends = edges(calendar)
    found = [ends[0]]
    for place, year in enumerate(calendar):
        of = share[years == year]
        found += (ends[place] + (ends[place + 1] - ends[place]) * np.cumsum(of) / of.sum()).tolist()
    return np.array(found)


def _building_axes(figure: Figure, axes: Axes, horizon: Sequence[int], groups: Sequence[Group], rows: int) -> None:
    """Lay out the years, lines between plants, and a legend of the groups."""
    from matplotlib.patches import Patch
    from matplotlib.ticker import MaxNLocator

    axes.set_xlim(min(horizon) - HALF, max(horizon) + HALF)
    axes.set_ylim(rows - HALF, -HALF)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    for place in range(1, rows):
        axes.axhline(place - HALF, color=INK, linewidth=0.5)
    handles = [Patch(color=group.colour, label=group.label) for group in groups[:MOST_NAMED]]
    figure.legend(handles=handles, fontsize="small", ncols=4, loc="outside lower left")

"""Figures of studies: the plane of two levers, where exchanges come in, good plans side by side, all runs of a grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError
from isopt.views.figures import INK, PALE, bars, checked, label_of, name_axis, styled
from isopt.views.numbers import share
from isopt.views.palette import COLOURS, shade
from isopt.views.policy_charts import OBJECTIVES, lever_axis, lever_name, objective
from isopt.views.texts import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_alternatives", "draw_plane", "draw_sweep", "draw_switching"]

Array = NDArray[np.float64]

#: Rows of a figure with a row per exchange, and lines in one panel; the tables hold them all.
MOST_ROWS, MOST_LINES = 30, 8
#: A region of a plane whose share is below this has no room for its label.
LABELLED = 0.01
BLUE, VERMILION, GREEN = COLOURS[:3]
#: What a sweep's figure shows, a panel each.
PANELS = ("cost_total", "landfilled", "co2_total")
#: What is never below zero, nor its axis.
POSITIVE = {"landfilled", "tonne_km"}


def draw_plane(
    table: pd.DataFrame, *, levers: Sequence[str], units: Sequence[str] = ("EUR/t", "EUR/t"), colour: str = ""
) -> Figure:
    """
    Draw which network is best for every pair of values of two levers.

    Parameters
    ----------
    table
        A row per region, as in ``plane.csv``: ``region, label_x, label_y, area_share, exchanges``, the polygon as
        ``wkt``, and what colours stand for.
    levers, units
        The lever along x and the one along y, and their units.
    colour
        Column that colours stand for; ``landfilled``, or ``co2_total`` where all regions landfill the same.

    Returns
    -------
    figure
        A polygon per region with its name and number of exchanges, except where it is too small for a label.

    Raises
    ------
    InputError
        The table is empty or lacks a column.

    Examples
    --------
    >>> table = pd.DataFrame({"region": ["r1", "r2"], "label_x": [5, 5], "label_y": [2, 7], "area_share": [0.4, 0.6],
    ...     "exchanges": [3, 4], "landfilled": [9.0, 2.0], "co2_total": [1.0, 1.0],
    ...     "wkt": ["POLYGON ((0 0, 10 0, 10 4, 0 4, 0 0))", "POLYGON ((0 4, 10 4, 10 10, 0 10, 0 4))"]})
    >>> len(draw_plane(table, levers=["landfill_tax", "carbon_price"]).axes)  # the plane and its scale
    2
    """
    import shapely
    from matplotlib.collections import PolyCollection

    checked(table, ["region", "label_x", "label_y", "area_share", "exchanges", "wkt", "landfilled", "co2_total"])
    colour = colour or ("landfilled" if _varies(table["landfilled"]) else "co2_total")
    checked(table, [colour])
    shapes = [np.asarray(shapely.from_wkt(wkt).exterior.coords) for wkt in table["wkt"]]
    values = table[colour].to_numpy(dtype=np.float64)
    with styled() as new_figure:
        figure = new_figure((7.0, 5.4))
        axes = figure.subplots()
        axes.grid(visible=False)
        flat = np.ptp(values) <= 1e-9 * max(1.0, float(np.abs(values).max()))
        regions = PolyCollection(shapes, edgecolors="white", linewidths=1.2)
        if flat:
            regions.set_facecolor([shade(COLOURS[i % len(COLOURS)], 0.55) for i in range(len(shapes))])
        else:
            regions.set_array(values)
            regions.set_cmap("cividis_r")
        axes.add_collection(regions)
        if not flat:
            bar = figure.colorbar(regions, ax=axes)
            name_axis(bar.ax, OBJECTIVES.get(colour, ""), objective(colour))
        for i, row in enumerate(table.to_dict("records")):
            if row["area_share"] >= LABELLED:
                dark = not flat and values[i] > (values.max() + values.min()) / 2  # cividis_r: high is dark
                told = text("chart.region", name=label_of(row["region"]), exchanges=f"{row['exchanges']:.0f}")
                room = np.ptp(shapes[i][:, 0]) / np.ptp(np.concatenate(shapes)[:, 0])
                axes.text(
                    row["label_x"], row["label_y"], told if room > 0.25 else label_of(row["region"]),
                    ha="center", va="center", color="white" if dark else INK, fontsize="small", clip_on=True,
                )  # fmt: skip
        corners = np.concatenate(shapes)
        axes.set_xlim(corners[:, 0].min(), corners[:, 0].max())
        axes.set_ylim(corners[:, 1].min(), corners[:, 1].max())
        axes.set_xlabel(lever_axis(levers[0], units[0]))
        axes.set_ylabel(lever_axis(levers[1], units[1]))
        axes.set_title(text("chart.region_one") if len(table) == 1 else text("chart.regions", count=len(table)))
        return figure


def draw_switching(table: pd.DataFrame, *, lever: str = "landfill_tax", unit: str = "EUR/t") -> Figure:
    """
    Draw for each exchange at which values of a lever it is part of a best network.

    Parameters
    ----------
    table
        A row per exchange and interval, as in ``switching.csv``: ``from_facility, to_facility, material, low, high,
        status`` (in, out, ...).
    lever, unit
        The lever and its unit.

    Returns
    -------
    figure
        A row per exchange, those that come or go with the lever first; beyond `MOST_ROWS` the rest is left out, as the
        title says.

    Raises
    ------
    InputError
        The table is empty or lacks a column.
    """
    checked(table, ["from_facility", "to_facility", "material", "low", "high", "status"])
    key = ["from_facility", "to_facility", "material", *(["mode"] if "mode" in table.columns else [])]
    low, high = float(table["low"].min()), float(table["high"].max())
    rows = []
    for names, found in table.groupby(key, sort=False):
        inside = found[found["status"] == "in"]
        covered = float((inside["high"] - inside["low"]).sum()) / max(high - low, 1e-12)
        first = float(inside["low"].min()) if len(inside) else np.inf
        rows.append((0 if 0 < covered < 1 - 1e-9 else 1 if covered else 2, first, -covered, names, inside))
    rows.sort(key=lambda row: row[:3])
    shown = rows[:MOST_ROWS]
    with styled() as new_figure:
        figure, axes = bars(new_figure, [_exchange(row[3]) for row in shown])
        for place, row in enumerate(shown):
            axes.plot([low, high], [place, place], color=PALE, linewidth=0.8, zorder=1)
            for start, end in row[4][["low", "high"]].to_numpy(dtype=np.float64):
                axes.barh(place, end - start, left=start, height=0.6, color=BLUE if row[0] == 0 else shade(BLUE, 0.5))
        axes.set_xlim(low, high)
        axes.set_xlabel(lever_axis(lever, unit))
        _title(axes, text("chart.ranges"), len(shown), len(rows))
        return figure


def draw_alternatives(exchanges: pd.DataFrame, plans: pd.DataFrame) -> Figure:
    """
    Draw good plans side by side: which exchanges each of them has, and which are in every, some or none of all.

    Parameters
    ----------
    exchanges
        A row per exchange, as in ``alternatives.csv``: ``from_facility, to_facility, material, answer, plans`` (names,
        separated by semicolons).
    plans
        A row per plan, as in ``plans.csv``: ``plan, above_best``.

    Returns
    -------
    figure
        A dot where a plan has an exchange; beyond `MOST_ROWS` exchanges the rest is left out, as the title says.

    Raises
    ------
    InputError
        A table is empty or lacks a column.
    """
    checked(exchanges, ["from_facility", "to_facility", "material", "answer", "plans"])
    checked(plans, ["plan", "above_best"])
    answers = {"every": (0, GREEN), "some": (1, BLUE), "undecided": (2, INK), "none": (3, PALE)}
    has = [set(str(names).split(";")) - {"", "nan"} for names in exchanges["plans"]]
    order = sorted(range(len(exchanges)), key=lambda i: (answers[exchanges["answer"].iloc[i]][0], -len(has[i])))
    shown = order[:MOST_ROWS]
    names = [str(plan) for plan in plans["plan"]]
    key = ["from_facility", "to_facility", "material", *(["mode"] if "mode" in exchanges.columns else [])]
    with styled() as new_figure:
        figure, axes = bars(new_figure, [_exchange(tuple(exchanges[key].iloc[i])) for i in shown])
        axes.grid(visible=False)
        for place, i in enumerate(shown):
            answer = str(exchanges["answer"].iloc[i])
            colour = answers[answer][1]
            inside = [column for column, plan in enumerate(names) if plan in has[i]]
            outside = [column for column in range(len(names)) if column not in inside]
            axes.plot(inside, [place] * len(inside), "o", color=colour, markersize=8)
            axes.plot(outside, [place] * len(outside), "o", color=PALE, markersize=3)
            told = text("chart.none_of") if answer == "none" else text(f"chart.{answer}")
            axes.text(len(names) - 0.4, place, told, va="center", fontsize="small", color=INK)
        labels = [
            text("chart.best") if plan == "best" else text("chart.above_best", plan=label_of(plan), share=share(above))
            for plan, above in zip(names, plans["above_best"].astype(float), strict=True)
        ]
        axes.set_xticks(range(len(names)), labels)
        axes.set_xlim(-0.5, len(names) + 0.6)
        axes.xaxis.tick_top()
        axes.tick_params(axis="x", length=0)
        counts = exchanges["answer"].value_counts()
        told = text("chart.in_plans", **{name: int(counts.get(name, 0)) for name in ("every", "some", "none")})
        _title(axes, told, len(shown), len(order))
        return figure


def draw_sweep(table: pd.DataFrame, keys: Sequence[str], *, panels: Sequence[str] = PANELS) -> Figure:
    """
    Draw all runs of a grid: key figures against the key with most values, a line for each combination of the others.

    Parameters
    ----------
    table
        A row per run, as in ``sweep.csv``; runs without a plan have empty key figures.
    keys
        Columns that the grid varied (and ``transport`` where there are transport scenarios).
    panels
        Key figures, a panel each.

    Returns
    -------
    figure
        Lines over a key of numbers, bars where every key is a word. Runs without a plan are crosses at the lower edge.

    Raises
    ------
    InputError
        The table is empty, lacks a column, or no key varies.
    """
    checked(table, [*keys, *panels, "status"])
    varied = [key for key in keys if _varies(table[key])]
    if not varied:
        raise InputError("all runs are the same: no key varies")
    numeric = [key for key in varied if _is_numeric(table[key])]
    along = max(numeric, key=lambda key: table[key].nunique()) if numeric else None
    others = [key for key in varied if key != along]
    with styled() as new_figure:
        figure = new_figure((7.0, 1.2 + 1.9 * len(panels)))
        all_axes = np.atleast_1d(figure.subplots(len(panels), 1, sharex=True))
        for axes, panel in zip(all_axes, panels, strict=True):
            if along is None:
                _run_bars(axes, table, others, panel)
            else:
                _run_lines(axes, table, along, others, panel)
            if panel in POSITIVE and axes.get_ylim()[0] <= 0 <= table[panel].min():
                axes.set_ylim(bottom=0)
            name_axis(axes, OBJECTIVES.get(panel, ""), objective(panel))
        if along is not None:
            all_axes[-1].set_xlabel(lever_name(along))
            if others and len(all_axes[0].get_lines()) and len(_groups(table, others)) <= MOST_LINES:
                all_axes[0].legend(fontsize="small", ncols=2)
        failed = int(table[panels[0]].isna().sum())
        all_axes[0].set_title(text("chart.runs_failed" if failed else "chart.runs", count=len(table), failed=failed))
        figure.align_ylabels(list(all_axes))
        return figure


def _varies(values: pd.Series[Any]) -> bool:
    return len(values.drop_duplicates()) > 1


def _is_numeric(values: pd.Series[Any]) -> bool:
    return bool(pd.to_numeric(values, errors="coerce").notna().all())


def _groups(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    """Runs by what the keys say, in the order of the table, each with its name."""
    if not keys:
        return [("", table)]
    told = table[list(keys)].astype(str).agg(tuple, axis=1)
    return [
        (", ".join(f"{lever_name(key)} {value}" for key, value in zip(keys, names, strict=True)), table[told == names])
        for names in dict.fromkeys(told)
    ]


def _run_lines(axes: Axes, table: pd.DataFrame, along: str, others: Sequence[str], panel: str) -> None:
    """Draw a line per combination of the other keys; more than a few are told apart by nothing but their place."""
    groups = _groups(table, others)
    for place, (name, found) in enumerate(groups):
        colour = COLOURS[place % len(COLOURS)] if len(groups) <= MOST_LINES else shade(BLUE, 0.4)
        rows = found.assign(_at=pd.to_numeric(found[along])).sort_values("_at", kind="stable")
        values = rows[panel].to_numpy(dtype=np.float64)
        axes.plot(rows["_at"], values, "o-", color=colour, markersize=3, linewidth=1.3, label=label_of(name, 60))
        lost = rows[np.isnan(values)]["_at"].to_numpy(dtype=np.float64)
        axes.plot(
            lost, np.full(len(lost), 0.04), "x", color=VERMILION, transform=axes.get_xaxis_transform(), label="_lost"
        )


def _run_bars(axes: Axes, table: pd.DataFrame, keys: Sequence[str], panel: str) -> None:
    """Draw a bar per run."""
    values = table[panel].to_numpy(dtype=np.float64)
    places = np.arange(len(table))
    axes.bar(places, np.nan_to_num(values), color=BLUE, width=0.7)
    lost = places[np.isnan(values)]
    axes.plot(lost, np.full(len(lost), 0.04), "x", color=VERMILION, transform=axes.get_xaxis_transform())
    names = [label_of(", ".join(str(row[key]) for key in keys), 24) for _, row in table.iterrows()]
    axes.set_xticks(places, names, rotation=90 if len(table) > 5 else 0)


def _exchange(names: Any) -> str:
    """From, to, material and mode of an exchange on one line."""
    first, second, *rest = (label_of(name, 22) for name in names)
    return label_of(f"{first} → {second}, {', '.join(rest)}", 60)


def _title(axes: Axes, words: str, shown: int, count: int) -> None:
    """Say what the figure shows, and how much of it where not all."""
    axes.set_title(words if shown == count else f"{words} ({shown}/{count})")

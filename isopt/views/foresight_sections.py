"""What foresight found, as sections of a page: what a late word costs, what each year holds, what is built when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from isopt.views.foresight_charts import SAME, Group, draw_announcements, draw_building, draw_years, same_plans
from isopt.views.language import digits
from isopt.views.numbers import plain, share, with_unit
from isopt.views.policy_charts import lever_axis, lever_name
from isopt.views.report_cells import NUMBER, Column, Table
from isopt.views.study_parts import Section, StudyFolder, listed, nothing, proven, rows_of
from isopt.views.texts import known, text

__all__ = ["foresight_sections"]

#: What the tables must have: first the words, then the numbers.
ANNOUNCEMENTS = (("how", "status", "plants", "reason"), ("announced", "cost_total", "cost_of_not_knowing_eur",
                 "landfilled", "capex"))  # fmt: skip
PATH = (("period", "id"), ("year", "share_of_year", "value"))
YEARS: tuple[tuple[str, ...], ...] = ((), ("announced", "year", "landfilled", "capex"))
PLANTS = (("plant", "what"), ("announced", "built_year", "capacity_added"))


def foresight_sections(folder: StudyFolder) -> list[Section]:
    """
    Make sections of what `isopt.studies.foresight.write_foresight` has written.

    Parameters
    ----------
    folder
        With ``foresight.csv``.

    Returns
    -------
    sections
        What not knowing costs; the schedule and what each year holds, where there is a plan; what is built when, where
        something is.

    Raises
    ------
    InputError
        A file is damaged.
    """
    told = folder.summary
    table, path, years, plants = (
        folder.table(f"{name}.csv", words=words, numbers=numbers)
        for name, (words, numbers) in (
            ("foresight", ANNOUNCEMENTS),
            ("foresight_path", PATH),
            ("foresight_years", YEARS),
            ("foresight_plants", PLANTS),
        )
    )
    lever, unit = str(told.get("lever", "landfill_tax")), str(told.get("unit", ""))
    title = text("study.foresight", lever=lever_name(lever))
    if table.empty or path.empty:
        return [nothing("foresight", title, told)]
    table = table.sort_values("announced", kind="stable").reset_index(drop=True)
    rows = rows_of(
        table, "foresight.csv",
        {"announced": "", "how": "", "cost_total": "", "cost_of_not_knowing_eur": "not_knowing", "landfilled": "",
         "co2_total": "", "capex": "", "exchanges": "", "plants": "",
         **({"reason": ""} if table["cost_total"].isna().any() else {})},
        years=("announced",), coded={"how": "how"},
    )  # fmt: skip
    note = " ".join(_sentences(table, told))
    if years.empty:
        return [Section("foresight", title, note, None, rows)]
    groups = same_plans(years, plants)
    drawn = draw_years(path, years, groups, lever=lever, unit=unit)
    return [
        Section("foresight", title, note, draw_announcements(table, groups), rows),
        Section(
            "foresight_years",
            text("study.foresight_years"),
            _schedule(path, lever, unit),
            drawn,
            _levels(path, lever_axis(lever, unit)),
        ),
        _building(plants, sorted(set(years["year"].astype(int))), groups),
    ]


def _sentences(table: pd.DataFrame, told: Mapping[str, Any]) -> list[str]:
    """Say what a late word costs, when it still comes in time, what is believed before it, and what is proven."""
    said = []
    planned = table[table["cost_total"].notna()]
    lost = table.loc[table["cost_total"].isna(), "announced"].astype(int).astype(str).tolist()
    if len(planned) and planned.index[0] == 0:
        first, last = planned.iloc[0], planned.iloc[-1]
        said.append(
            text("study.foresight_cost", first=int(first["announced"]), least=with_unit(first["cost_total"], "EUR"))
        )
        if len(planned) > 1:
            said += _worth(planned, last)
    if lost:
        said.append(text("study.foresight_lost", years=listed(lost)))
    said.append(known(f"study.believes_{told.get('belief')}", ""))
    errors = table["error"].dropna() if "error" in table else pd.Series(dtype=float)
    if len(errors):
        said.append(proven(errors))
    if told.get("interrupted") is True:
        said.append(text("study.foresight_stopped"))
    return [sentence for sentence in said if sentence]


def _worth(planned: pd.DataFrame, last: pd.Series[Any]) -> list[str]:
    """Say how much more the last announcement costs, and which is the last one that costs nothing."""
    least = float(planned["cost_total"].iloc[0])
    more = planned["cost_of_not_knowing_eur"].to_numpy(dtype=np.float64)
    free = np.abs(more) <= SAME * abs(least)
    if free.all():
        return [text("study.foresight_same")]
    extra = float(last["cost_of_not_knowing_eur"])
    told = {"more": with_unit(extra, "EUR"), "share": share(extra / abs(least) if least else None)}
    said = [
        text("study.foresight_never", **told)
        if last["how"] == "year_by_year"
        else text("study.foresight_late", last=int(last["announced"]), **told)
    ]
    in_time = int(np.argmin(free)) - 1  # the last before the first that is not free
    if in_time > 0:
        said.append(text("study.foresight_free", year=int(planned["announced"].iloc[in_time])))
    return said


def _schedule(path: pd.DataFrame, lever: str, unit: str) -> str:
    """Say from where to where the lever goes."""
    lines = list(dict.fromkeys(_lines(path).values()))
    ends = {"first": int(path["year"].min()), "last": int(path["year"].max())}
    if len(lines) == 1:
        low, high = plain(lines[0][0]), plain(lines[0][-1])
        said = text("study.schedule_one", lever=lever_name(lever), unit=unit, **ends, **{"from": low, "to": high})
    else:
        said = text("study.schedule_many", lever=lever_name(lever), count=digits(len(lines)), **ends)
    return f"{said[:1].upper()}{said[1:]} {text('study.schedule_lines')}"


def _lines(path: pd.DataFrame) -> dict[int, tuple[float, ...]]:
    """Values over the periods by the number of the row that the lever moves."""
    count = path["period"].nunique()
    values = path["value"].to_numpy(dtype=np.float64)
    return {row: tuple(values[row * count : (row + 1) * count].tolist()) for row in range(len(values) // count)}


def _levels(path: pd.DataFrame, label: str) -> Table | None:
    """The schedule as a table: a row per period where all rows of the lever follow the same, else a row for each."""
    same = len(set(_lines(path).values())) == 1
    shown = path.iloc[: path["period"].nunique()] if same else path
    yearly = shown["period"].eq(shown["year"].astype(str)).all()
    columns = {**({} if yearly else {"period": ""}), "year": "", **({} if same else {"id": ""}), "value": ""}
    rows = rows_of(shown, "foresight_path.csv", columns, years=("year",))
    return None if rows is None else replace(rows, columns=[*rows.columns[:-1], Column(label, NUMBER)])


def _building(plants: pd.DataFrame, horizon: Sequence[int], groups: Sequence[Group]) -> Section:
    """Say which plants are built whenever the schedule is announced, and draw when."""
    title = text("study.building")
    if plants.empty:
        return Section("building", title, text("study.building_none"), None, None)
    announcements = sum(len(group.years) for group in groups)
    times = plants.groupby("plant", sort=False)["built_year"].agg(["count", "nunique"])
    always = (times["count"] == announcements) & (times["nunique"] == 1)
    note = text("study.building_note", always=digits(int(always.sum())), sometimes=digits(int((~always).sum())))
    columns = {"announced": "", "plant": "", "what": "", "built_year": "", "capacity_added": ""}
    if not (plants["capacity_added"] > 0).any():
        del columns["capacity_added"]
    rows = rows_of(plants, "foresight_plants.csv", columns, years=("announced", "built_year"), coded={"what": "how"})
    return Section("building", title, note, draw_building(plants, horizon, groups), rows)

"""The economics of a policy: the treasury's account, cost apart from transfers, winners and losers, leakage."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from isopt.errors import InputError, did_you_mean, quoted
from isopt.network.periods import periods_of
from isopt.solution import Solution
from isopt.solution.store import write_study
from isopt.studies.incidence import charge_bases, charged, incidence
from isopt.studies.leakage import leakage

__all__ = ["PolicyAccount", "policy_account", "write_policy_account"]

Array = NDArray[np.float64]

#: Lines of the cost that use up something, as opposed to money that changes hands with the treasury.
RESOURCE_LINES = (
    "cost_haulage", "cost_setup", "cost_treatment", "cost_plants", "cost_gate_fees", "cost_virgin",
)  # fmt: skip
#: Accounts of the treasury, and what they are called in print.
ACCOUNTS = {
    "landfill_tax": "landfill tax",
    "carbon_payment": "carbon payments",
    "subsidy": "subsidies",
    "grant": "grants",
    "net": "treasury, net",
}
#: Lines of the cost of all firms together.
LINES = (*RESOURCE_LINES, "resource_cost", "transfers", "cost_total")
#: A change of at most this share of what was paid is none: noise of floating-point arithmetic.
SAME = 1e-9
#: Organisations and routes that are printed; the tables hold them all.
MOST_SHOWN = 5


@dataclass(frozen=True)
class PolicyAccount:
    """
    What a policy does, from two plans. Money in EUR; in tables by year a total is discounted as in the KPIs.

    Attributes
    ----------
    names
        Titles of the plan before and after.
    treasury
        ``account`` (landfill_tax, carbon_payment, subsidy, grant, net), ``item`` (tax class, source of CO2, exchanged,
        plants, links), ``year`` (or total), ``before_eur, after_eur, change_eur``: what the treasury takes in; what it
        pays out is negative.
    cost
        ``line`` (the six lines of resource cost, resource_cost, transfers, cost_total) by year as above, for all firms
        together; transfers are the treasury's net.
    organisations
        Winners and losers, the largest loss first: cost a year (mean over the horizon, undiscounted) before and after,
        with its parts, and after payments between firms.
    sectors
        The same by NACE division; an organisation with facilities in several divisions stands under all of them
        together ("10;38").
    incidence
        Who would pay if nothing changed hands, and what behaviour avoids: see `isopt.studies.incidence.incidence`.
    leakage
        Where the tonnes went that left taxed landfill: see `isopt.studies.leakage.leakage`.
    abatement
        By year and in total: tonnes diverted, CO2 avoided, change of the resource cost, and the cost per tonne of each
        (NaN where nothing is diverted or avoided). In the total, discounted cost over discounted tonnes.
    """

    names: tuple[str, str]
    treasury: pd.DataFrame
    cost: pd.DataFrame
    organisations: pd.DataFrame
    sectors: pd.DataFrame
    incidence: pd.DataFrame
    leakage: pd.DataFrame
    abatement: pd.DataFrame

    @property
    def leakage_by_route(self) -> pd.DataFrame:
        """Tonnes and CO2 of the leakage over the horizon by route, largest first."""
        columns = ["tonnes", "co2_there_t", "co2_at_landfill_t", "co2_change_t"]
        found = self.leakage.groupby(["route", "counts_as"], as_index=False, sort=False)[columns].sum()
        order = found["tonnes"].abs().sort_values(ascending=False, kind="stable").index
        return found.loc[order].reset_index(drop=True)

    def total(self, table: str, row: str) -> tuple[float, float, float]:
        """
        Look up a line over the horizon.

        Parameters
        ----------
        table
            ``treasury`` (items are added up) or ``cost``.
        row
            An account of the treasury, or a line of the cost.

        Returns
        -------
        before, after, change
            In EUR, discounted; 0 for an account that takes in and pays out nothing.

        Raises
        ------
        InputError
            There is no such line.
        """
        known = {"treasury": ACCOUNTS, "cost": LINES}.get(table, ())
        if row not in known:
            raise InputError(f"there is no {quoted(row)} in the table {quoted(table)}{did_you_mean(row, known)}")
        found = self.treasury if table == "treasury" else self.cost
        where = (found["account" if table == "treasury" else "line"] == row) & (found["year"] == "total")
        money = found.loc[where, ["before_eur", "after_eur", "change_eur"]].sum()
        return float(money.iloc[0]), float(money.iloc[1]), float(money.iloc[2])

    def __str__(self) -> str:
        lines = [f"{self.names[1]}, against {self.names[0]}"]
        booked = {*self.treasury["account"]}
        lines += [_line(word, *self.total("treasury", one)) for one, word in ACCOUNTS.items() if one in booked]
        lines.append(_line("resource cost", *self.total("cost", "resource_cost")))
        lines.append(_line("cost of the firms", *self.total("cost", "cost_total")))
        whole = self.abatement[self.abatement["year"] == "total"].iloc[0]
        lines.append(f"  {'diverted from landfill':<24}{whole['diverted_t']:>18,.1f} t" + _each(whole, "diverted"))
        lines.append(f"  {'CO2 avoided':<24}{whole['co2_avoided_t']:>18,.1f} t" + _each(whole, "co2_avoided"))
        lines += [
            f"    {row.tonnes:>+14,.1f} t to {row.route} ({row.counts_as})"
            for row in self.leakage_by_route.head(MOST_SHOWN).itertuples(index=False)
        ]
        shown = self.organisations[self.organisations["outcome"] != "unchanged"]
        for row in shown.head(MOST_SHOWN).itertuples(index=False):
            change = row.change_after_payments_eur_per_yr
            lines.append(f"    {row.organisation}: {change:+,.0f} EUR/yr ({row.outcome})")
        if len(shown) > MOST_SHOWN:
            lines.append(f"    ... and {len(shown) - MOST_SHOWN} more that gain or lose")
        return "\n".join(lines)


def _line(word: str, before: float, after: float, change: float) -> str:
    return f"  {word:<24}{before:>18,.0f} -> {after:>15,.0f} EUR ({change:+,.0f})"


def _each(whole: pd.Series[Any], what: str) -> str:
    each = whole[f"eur_per_t_{what}"]
    return "" if np.isnan(each) else f" at {each:,.2f} EUR/t of resource cost"


def policy_account(solution: Solution, before: Solution | None = None) -> PolicyAccount:
    """
    Draw up what a policy does: for the treasury, for all firms together, for each of them, and for the waste.

    Resource cost is what is used up (haulage, set-up, treatment, plants, gate fees, purchases, grants not deducted);
    landfill tax, carbon payments, subsidies and grants are transfers. A gate fee counts as the cost of disposing. Where
    the plan before is the least-cost one without the policy, the rise in resource cost is the deadweight loss of the
    policy, before the worth of what it avoids.

    Parameters
    ----------
    solution
        The plan with the policy.
    before
        The plan to compare with, over the same periods: as a rule the same scenario solved without the policy. The
        stored baseline (no exchange between organisations, the same rates) where it is not given.

    Returns
    -------
    account
        See `PolicyAccount`; everything in it adds up: accounts to the treasury's net, resource cost and transfers to
        the cost, firms to all firms, routes to the tonnes that left the landfill.

    Raises
    ------
    InputError
        Where one of the plans is missing or they are over different periods.

    Examples
    --------
    >>> import isopt
    >>> scenario = isopt.read("scenarios/two_firms")
    >>> free = isopt.solve(scenario.with_(policy={"landfill_tax_eur_per_t": {"inert": 0}}))
    >>> found = policy_account(isopt.solve(scenario), free)
    >>> found.total("treasury", "landfill_tax")
    (0.0, 1000.0, 1000.0)
    """
    first = _checked(solution, before)
    return PolicyAccount(
        names=(first.scenario.title, solution.scenario.title)
        if before is not None
        else (f"{first.scenario.title}, nothing exchanged between organisations", solution.scenario.title),
        treasury=_side_by_side(_treasury(first), _treasury(solution), ["account", "item"]),
        cost=_side_by_side(_cost(first), _cost(solution), ["line"]),
        organisations=(organisations := _organisations(first, solution)),
        sectors=_sectors(organisations),
        incidence=incidence(first, solution),
        leakage=leakage(first, solution),
        abatement=_abatement(first, solution),
    )


def _checked(solution: Solution, before: Solution | None) -> Solution:
    """The plan to compare with; both have one, over the same periods."""
    if not solution.has_plan:
        raise InputError(
            f"{solution.scenario.title} has no plan ({solution.status}), so there is nothing to account for"
        )
    first = solution.baseline if before is None else before
    if first is None:
        raise InputError(
            f"{solution.scenario.title} has no baseline ({solution.baseline_reason}); give a plan to compare with"
        )
    if not first.has_plan:
        raise InputError(f"{first.scenario.title} has no plan ({first.status}) to compare with")
    calendars = [s.scenario.periods[["period", "year", "share_of_year"]].to_numpy().tolist() for s in (first, solution)]
    if calendars[0] != calendars[1]:
        raise InputError(f"{first.scenario.title} and {solution.scenario.title} are over different periods")
    return first


def _yearly(solution: Solution, kpi: str) -> Array:
    """A KPI in each year, shape (years,)."""
    found = solution.kpis[(solution.kpis["kpi"] == kpi) & (solution.kpis["year"] != "total")]
    return found["value"].to_numpy(dtype=np.float64)


def _treasury(solution: Solution) -> pd.DataFrame:
    """What the treasury takes in by account, item and year, with the discounted total; outlays are negative."""
    periods = periods_of(solution.scenario)
    years = pd.Index(periods.years)
    bases = charge_bases(solution)
    money = bases.assign(eur=charged(bases, solution.scenario))
    by_item = money.pivot_table(index=["instrument", "item"], columns="year", values="eur", aggfunc="sum", sort=False)
    by_item = by_item.reindex(columns=years).fillna(0.0)
    rows: dict[tuple[str, str], Array] = {}
    for key, row in zip(by_item.index, by_item.to_numpy(dtype=np.float64), strict=True):
        rows[key[0], key[1]] = -row if key[0] == "subsidy" else row
    granted = _yearly(solution, "subsidies") + rows.get(("subsidy", "exchanged"), np.zeros(len(years)))
    plants = _plant_grants(solution, years)
    scale = SAME * np.abs(_yearly(solution, "cost_total"))
    if plants.any():
        rows["grant", "plants"] = -plants
    if (np.abs(granted - plants) > scale).any():
        rows["grant", "links"] = plants - granted
    taken = _yearly(solution, "landfill_tax") + _yearly(solution, "carbon_payment") - _yearly(solution, "subsidies")
    rows = {key: row for key, row in rows.items() if row.any()} | {("net", ""): taken}
    return _by_year(rows, ["account", "item"], periods.years, periods.discount)


def _plant_grants(solution: Solution, years: pd.Index[int]) -> Array:
    """Granted share of the annuities of plants in each year, shape (years,)."""
    periods = periods_of(solution.scenario)
    if not len(solution.plants):
        return np.zeros(len(years))
    annuities = solution.plants.groupby("year")["annuity_eur"].sum().reindex(years).fillna(0.0)
    share = solution.scenario.policy_at("capex_grant_share")[periods.first_of_year]
    return np.asarray(annuities.to_numpy(dtype=np.float64) * share)


def _cost(solution: Solution) -> pd.DataFrame:
    """Cost of all firms by line and year, with the discounted total."""
    periods = periods_of(solution.scenario)
    rows = {(line,): _yearly(solution, line) for line in RESOURCE_LINES}
    resources = np.sum(list(rows.values()), axis=0)
    transfers = _yearly(solution, "landfill_tax") + _yearly(solution, "carbon_payment") - _yearly(solution, "subsidies")
    rows |= {("resource_cost",): resources, ("transfers",): transfers}
    rows[("cost_total",)] = _yearly(solution, "cost_total")
    return _by_year(rows, ["line"], periods.years, periods.discount)


def _by_year(rows: dict[Any, Array], keys: list[str], years: NDArray[np.int64], discount: Array) -> pd.DataFrame:
    """Rows by key as a long table with a total."""
    long = [
        (*key, year, float(value))
        for key, values in rows.items()
        for year, value in [("total", discount @ values), *zip(years.tolist(), values, strict=True)]
    ]
    return pd.DataFrame(long, columns=[*keys, "year", "eur"]).astype({"year": object})


def _side_by_side(before: pd.DataFrame, after: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Both as columns, with the difference; in the order of what comes after, then of what is gone, nets last."""
    table = after.merge(before, on=[*keys, "year"], how="outer", suffixes=("_after", "_before"), sort=False)
    seen = list(dict.fromkeys(zip(*(pd.concat([after, before])[key] for key in keys), strict=True)))
    order = {key: place + len(seen) * (key[0] == "net") for place, key in enumerate(seen)}
    place = [order[key] for key in zip(*(table[key] for key in keys), strict=True)]
    when = [-1 if year == "total" else int(year) for year in table["year"]]
    table = table.iloc[np.lexsort([when, place])].reset_index(drop=True)
    found = table[[*keys, "year"]].copy()
    found["before_eur"], found["after_eur"] = table["eur_before"].fillna(0.0), table["eur_after"].fillna(0.0)
    found["change_eur"] = found["after_eur"] - found["before_eur"]
    return found


def _organisations(before: Solution, after: Solution) -> pd.DataFrame:
    """Cost of each organisation before and after, with its parts, the largest loss first."""
    old, new = (solution.firms.set_index("organisation") for solution in (before, after))
    names = new.index.union(old.index, sort=False)
    old, new = (table.reindex(names).fillna(0.0) for table in (old, new))
    change = new - old
    parts = change[["landfill_tax_eur_per_yr", "carbon_eur_per_yr", "subsidies_eur_per_yr"]]
    total = change["cost_after_eur_per_yr"]
    division = _divisions(before) | _divisions(after)
    table = pd.DataFrame(
        {
            "organisation": names,
            "sector": [division.get(str(name), "") for name in names],
            "cost_before_eur_per_yr": old["cost_after_eur_per_yr"].to_numpy(),
            "cost_after_eur_per_yr": new["cost_after_eur_per_yr"].to_numpy(),
            "change_eur_per_yr": total.to_numpy(),
            "resource_change_eur_per_yr": (total - parts.iloc[:, 0] - parts.iloc[:, 1] + parts.iloc[:, 2]).to_numpy(),
            "landfill_tax_change_eur_per_yr": parts.iloc[:, 0].to_numpy(),
            "carbon_change_eur_per_yr": parts.iloc[:, 1].to_numpy(),
            "subsidies_change_eur_per_yr": parts.iloc[:, 2].to_numpy(),
            "payments_change_eur_per_yr": (
                change["payments_paid_eur_per_yr"] - change["payments_received_eur_per_yr"]
            ).to_numpy(),
        }
    )
    final = change["cost_after_payments_eur_per_yr"].to_numpy(dtype=np.float64)
    table["change_after_payments_eur_per_yr"] = final
    size = np.abs(old["cost_after_eur_per_yr"]) + np.abs(new["cost_after_eur_per_yr"])
    noise = SAME * np.maximum(size.to_numpy(dtype=np.float64), 1.0)
    table["outcome"] = np.select([final > noise, final < -noise], ["loses", "gains"], "unchanged")
    return table.sort_values("change_after_payments_eur_per_yr", ascending=False, kind="stable").reset_index(drop=True)


def _divisions(solution: Solution) -> dict[str, str]:
    """NACE divisions (the first two digits) of each organisation's facilities, several separated by ";"."""
    facilities = solution.scenario.facilities
    division = facilities["sector"].astype(str).str.partition(".")[0].str[:2]
    found: dict[str, set[str]] = {}
    for organisation, name in zip(facilities["organisation"], division, strict=True):
        found.setdefault(str(organisation), set()).update({name} - {""})
    return {organisation: ";".join(sorted(names)) for organisation, names in found.items()}


def _sectors(organisations: pd.DataFrame) -> pd.DataFrame:
    """Add organisations up by sector; the largest loss first."""
    money = [name for name in organisations.columns if name.endswith("eur_per_yr")]
    found = organisations.groupby("sector", sort=False)[money].sum()
    for word in ("gains", "loses"):
        which = (organisations["outcome"] == word).groupby(organisations["sector"], sort=False).sum()
        found[f"organisations_that_{word[:-1]}"] = which.astype(int)
    found = found.reset_index().sort_values("change_after_payments_eur_per_yr", ascending=False, kind="stable")
    return found.reset_index(drop=True)


def _abatement(before: Solution, after: Solution) -> pd.DataFrame:
    """Resource cost per tonne diverted and per tonne of CO2 avoided, by year and levelised."""
    periods = periods_of(after.scenario)
    diverted = _yearly(before, "landfilled") - _yearly(after, "landfilled")
    avoided = _yearly(before, "co2_total") - _yearly(after, "co2_total")
    cost = sum((_yearly(after, line) - _yearly(before, line) for line in RESOURCE_LINES), np.zeros(len(periods.years)))
    weights = np.vstack([periods.discount, np.eye(len(periods.years))])
    spent = weights @ cost
    physical = np.vstack([np.ones(len(periods.years)), np.eye(len(periods.years))])
    table = pd.DataFrame({"year": pd.Series(["total", *periods.years.tolist()], dtype=object)})
    table["diverted_t"], table["co2_avoided_t"] = physical @ diverted, physical @ avoided
    table["resource_cost_change_eur"] = spent
    noise = SAME * np.maximum(1.0, [np.abs(_yearly(before, k)).sum() for k in ("landfilled", "co2_total")])
    for name, tonnes, least in (("diverted", diverted, noise[0]), ("co2_avoided", avoided, noise[1])):
        weighed = weights @ tonnes
        with np.errstate(divide="ignore", invalid="ignore"):
            table[f"eur_per_t_{name}"] = np.where(weighed > least, spent / weighed, np.nan)
    return table


def write_policy_account(found: PolicyAccount, folder: str | Path) -> list[Path]:
    """
    Write an account: a table each, and ``summary.json`` with the totals.

    Parameters
    ----------
    found
        From `policy_account`.
    folder
        Made where it does not exist; files of the same names are replaced, each in one step.

    Returns
    -------
    paths
        ``treasury.csv, cost.csv, organisations.csv, sectors.csv, incidence.csv, leakage.csv, abatement.csv,
        summary.json``.

    Examples
    --------
    >>> import isopt
    >>> found = policy_account(isopt.solve(isopt.read("scenarios/two_firms")))
    >>> [path.name for path in write_policy_account(found, "out/account")][-2:]
    ['abatement.csv', 'summary.json']
    """
    out = Path(folder)
    names = ("treasury", "cost", "organisations", "sectors", "incidence", "leakage", "abatement")
    return write_study(out, {name: getattr(found, name) for name in names}, _summary(found))


def _summary(found: PolicyAccount) -> dict[str, Any]:
    """Totals with their units, as JSON takes them."""
    whole = found.abatement[found.abatement["year"] == "total"].iloc[0].drop("year")
    sides = ("before", "after", "change")
    leaks = found.leakage_by_route
    return {
        "before": found.names[0],
        "after": found.names[1],
        "unit": "EUR",
        "treasury": {name: dict(zip(sides, found.total("treasury", name), strict=True)) for name in ACCOUNTS},
        "cost": {name: dict(zip(sides, found.total("cost", name), strict=True)) for name in LINES},
        "abatement": {str(name): None if np.isnan(value) else float(value) for name, value in whole.items()},
        "left_taxed_landfill_t": dict(zip(leaks["route"], leaks["tonnes"].astype(float), strict=True)),
        "leaked_t": float(leaks.loc[leaks["counts_as"] == "leak", "tonnes"].sum()),
    }

"""The settings of a scenario, with their defaults."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SECTIONS", "SECTION_TYPES", "RouterChoice", "Settings"]


@dataclass(frozen=True)
class Policy:
    """Taxes, prices, grants and bans."""

    landfill_tax_eur_per_t: Mapping[str, float] = field(default_factory=dict)
    carbon_price_eur_per_t: float = 0.0
    carbon_scope: tuple[str, ...] = ("transport", "disposal", "virgin", "treatment")
    subsidy_eur_per_t_exchanged: float = 0.0
    capex_grant_share: float = 0.0
    landfill_ban: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reach:
    """Which pairs are candidates at all."""

    max_km: float | None = None
    nearest: int = 0
    only_listed: bool = False
    within_facility: bool = True


@dataclass(frozen=True)
class Economics:
    """How years are weighed."""

    discount_rate: float = 0.06
    nominal: bool = False


@dataclass(frozen=True)
class Limits:
    """What the plan must keep to; None where there is no limit."""

    co2_t_per_yr: float | None = None
    landfilled_t_per_yr: float | None = None
    diversion_share: float | None = None
    capex_eur: float | None = None
    plants: int | None = None
    plants_max: int | None = None
    exchanges_max: int | None = None


@dataclass(frozen=True)
class Minimise:
    """What the plan makes least."""

    what: str = "cost"
    weights: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Solver:
    """When the search may stop."""

    gap: float = 1e-4
    time_limit_s: float = 300.0
    threads: int | None = None
    method: str = "auto"


@dataclass(frozen=True)
class Baseline:
    """What the baseline keeps."""

    keep_existing: bool = False


@dataclass(frozen=True)
class Programme:
    """What the report makes of a year's benefits, in the manner of a symbiosis programme; no plan depends on it."""

    persistence_years: int = 5
    yearly_decay: float = 0.0
    attribution_share: float = 1.0


@dataclass(frozen=True)
class RouterChoice:
    """How the ways of one mode are measured."""

    router: str = "straight"
    file: str = ""
    layer: str = ""
    place: str = ""
    closed: tuple[str, ...] = ()
    detour: float | None = None
    max_access_km: float | None = None
    height_m: float | None = None
    weight_t: float | None = None
    width_m: float | None = None
    length_m: float | None = None
    axle_load_t: float | None = None
    hazmat: bool = False


@dataclass(frozen=True)
class Settings:
    """
    All settings of a scenario; the names are the keys of ``scenario.toml``.

    Examples
    --------
    >>> Settings().economics.discount_rate
    0.06
    """

    title: str = ""
    base: str = ""
    price_year: int | None = None
    policy: Policy = field(default_factory=Policy)
    reach: Reach = field(default_factory=Reach)
    economics: Economics = field(default_factory=Economics)
    limits: Limits = field(default_factory=Limits)
    minimise: Minimise = field(default_factory=Minimise)
    solver: Solver = field(default_factory=Solver)
    baseline: Baseline = field(default_factory=Baseline)
    programme: Programme = field(default_factory=Programme)
    routing: Mapping[str, RouterChoice] = field(default_factory=dict)
    scale: Mapping[str, float] = field(default_factory=dict)


SECTION_TYPES = {
    "policy": Policy,
    "reach": Reach,
    "economics": Economics,
    "limits": Limits,
    "minimise": Minimise,
    "solver": Solver,
    "baseline": Baseline,
    "programme": Programme,
}
"""The type of each section."""
SECTIONS = (*SECTION_TYPES, "routing", "scale")
"""Names of the sections of ``scenario.toml``."""

"""Settings and changes, and all tables together."""

from __future__ import annotations

from makers.desk import Settings, Tables
from makers.network import Network


class Maker(Network):
    """Writes the tables of one scenario, feature by feature."""

    def make(self) -> tuple[Tables, Settings]:
        """All tables."""
        self.places()
        self.materials()
        self.time()
        self.streams_and_demands()
        if self.has("plants"):
            self.plants()
        if self.has("disposals") or self.has("plants"):
            self.disposals()
        self.modes()
        self.links()
        self.rules()
        self.qualities()
        self.stocks()
        self.policy()
        self.changes()
        self.settings = {name: section for name, section in self.settings.items() if section}
        return self.tables, self.settings

    def policy(self) -> None:
        policy, limits, economics = self.settings["policy"], self.settings["limits"], self.settings["economics"]
        economics |= (
            {"discount_rate": self.n(0.01, 0.1)} if self.has("discount") else {"discount_rate": 0.06, "nominal": True}
        )
        if self.has("landfill_tax"):
            policy["landfill_tax_eur_per_t"] = {
                "inert": self.n(2, 9),
                "non_hazardous": self.n(40, 110),
                "hazardous": self.n(60, 150),
            }
        if self.has("ban"):
            policy["landfill_ban"] = [self.one(["inert", "non_hazardous"])]
        if self.has("carbon"):
            policy["carbon_price_eur_per_t"] = self.n(20, 150)
            if self.chance():
                policy["carbon_scope"] = ["transport", self.one(["disposal", "virgin", "treatment"])]
        if self.has("subsidy"):
            policy["subsidy_eur_per_t_exchanged"] = self.n(1, 15)
        if self.has("grants"):
            policy["capex_grant_share"] = self.n(0.1, 0.5)
        yearly = sum(s["supply_per_yr"] for s in self.streams)
        if self.has("co2_cap"):
            limits["co2_t_per_yr"] = self.n(0.15, 0.6) * yearly
        if self.has("landfill_cap"):
            limits["landfilled_t_per_yr"] = self.n(0.2, 0.8) * yearly
        if self.has("diversion"):
            limits["diversion_share"] = self.n(0.1, 0.7)
        if self.has("budget"):
            limits["capex_eur"] = self.n(1000, 12000)
        if self.has("exchanges_max"):
            limits["exchanges_max"] = int(self.rng.integers(1, 4))
        if self.has("plants_count"):
            limits["plants"] = 1
        elif self.has("plants_max"):
            limits["plants_max"] = int(self.chance())
        if self.has("keep_existing"):
            self.settings["baseline"] = {"keep_existing": True}
        if self.has("weights"):
            self.settings["minimise"]["weights"] = {"cost": 1.0, "co2": self.n(10, 90), "landfilled": self.n(1, 30)}
        elif self.has("minimise"):
            self.settings["minimise"]["what"] = self.one(["co2", "landfilled", "tonne_km"])
        if self.has("scale"):
            self.settings["scale"] = {
                "streams.own_disposal_eur_per_unit": self.n(0.7, 1.5),
                "modes.eur_per_tkm": self.n(0.7, 1.5),
            }
            if self.has("landfill_tax"):
                self.settings["scale"]["policy.landfill_tax_eur_per_t"] = self.n(0.7, 1.5)

    def changes(self) -> None:
        if not (self.has("changes") and self.periods):
            return
        later = self.periods[len(self.periods) // 2]
        for table, name, column, low, high in (
            ("streams", "s0", "supply_per_yr", 10, 140),
            ("demands", "d0", "need_per_yr", 10, 140),
            ("modes", "truck", "eur_per_tkm", 0.02, 0.4),
        ):
            row = self.add("changes", table=table, id=name, column=column, period=later, value=self.n(low, high))
            if self.has("onward"):
                row["onward"] = self.chance()
        self.add("changes", table="demands", id="d1", column="virgin_eur_per_unit", period=later, factor=self.n(0.5, 2))
        if self.has("carbon"):
            self.add(
                "changes", table="policy", id="carbon_price_eur_per_t", column="", period=later, factor=self.n(0.5, 2)
            )
        if self.has("deep_changes"):
            self.deep_changes()

    def deep_changes(self) -> None:
        """Changes to what is keyed by several columns, to limits and to rates by class, from the second year on."""
        start = next(row["period"] for row in self.tables["periods"] if row["year"] == self.years[1])

        def change(table: str, name: str, column: str, low: float, high: float) -> None:
            factor = self.n(low, high)
            self.add("changes", table=table, id=name, column=column, period=start, factor=factor, onward=self.chance())

        change("streams", "s1", "own_disposal_eur_per_unit", 0.5, 2)
        for row in self.tables.get("recipes", [])[:2]:
            change("recipes", f"{row['technology']}|{row.get('input', '')}|{row['output']}", "yield", 0.7, 1.1)
        for row in self.tables.get("mixes", []):
            change("mixes", f"{row['technology']}|{row['input']}", "max_share", 1.0, 1.1)
        for row in self.tables.get("plants", []):
            if "capacity_per_yr" in row and "max_capacity_per_yr" not in row:
                change("plants", row["plant"], "capacity_per_yr", 0.7, 1.2)
            change("plants", row["plant"], "fixed_eur_per_yr", 0.7, 1.2)
        for row in self.tables.get("substitutions", []):
            change("substitutions", f"{row['from_material']}|{row['to_material']}", "ratio", 0.8, 1.2)
        for row in self.tables.get("disposals", []):
            change("disposals", row["disposal"], "gate_fee_eur_per_unit", 0.7, 1.4)
            if "capacity_per_yr" in row:
                change("disposals", row["disposal"], "capacity_per_yr", 0.7, 1.4)
        for row in self.tables.get("links", []):
            key = "|".join(row.get(column, "") for column in ("from_facility", "to_facility", "material", "mode"))
            for column in ("eur_per_unit", "setup_eur_per_yr", "max_per_yr"):
                if column in row:
                    change("links", key, column, 0.8, 1.3)
        for row in self.tables.get("stocks", []):
            change("stocks", f"{row.get('plant') or row['facility']}|{row['material']}", "capacity", 1.0, 1.4)
        if self.has("landfill_tax"):
            change("policy", "landfill_tax_eur_per_t", "non_hazardous", 0.7, 1.5)
        if self.has("landfill_cap"):
            change("limits", "landfilled_t_per_yr", "", 0.8, 1.2)

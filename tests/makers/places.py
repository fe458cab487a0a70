"""Places, materials, periods, streams, demands, plants and disposals."""

from __future__ import annotations

from makers.desk import Desk, Row


class Places(Desk):
    """Writes what stands somewhere."""

    def places(self) -> None:
        self.count = 3 + int(self.rng.integers(3))
        for i in range(self.count):
            row = self.add(
                "facilities",
                facility=f"F{i}",
                lat=self.n(51, 52, 4),
                lon=self.n(0, 1, 4),
                sector=self.one(["20", "35", "10"]),
            )
            if self.has("organisations"):
                row["organisation"] = self.one(["north", "south", ""])
        self.facilities = [f"F{i}" for i in range(self.count)]
        if self.has("same_place"):
            first, second = self.tables["facilities"][:2]
            second |= {"lat": first["lat"], "lon": first["lon"]}

    def materials(self) -> None:
        for name in ("u", "v", "w", "r"):
            row = self.add("materials", material=name, unit="t", state="solid", hazardous=name == "w")
            row["disposal_class"] = {"u": "non_hazardous", "v": "inert", "w": "hazardous", "r": "non_hazardous"}[name]
            row["ewc"] = {"u": "10 01 02", "v": "17 01 01", "w": "17 05 03", "r": "19 12 12"}[name]
            if self.has("haul_hours") and name == "u":
                row["max_haul_h"] = self.n(0.4, 1.5)
        if self.has("states"):
            self.tables["materials"][1]["state"] = "sludge"
        self.moving = ["u", "v"]
        if self.has("heat"):
            self.add("materials", material="h", unit="MWh", state="heat")
            self.moving.append("h")
        if self.has("water"):
            self.add("materials", material="q", unit="m3", t_per_unit=self.n(0.9, 1.1), state="liquid")
            self.moving.append("q")

    def time(self) -> None:
        years = [2030, 2031, 2032][: 2 + self.chance()] if self.has("years") else [2030]
        shares = [0.4, 0.6] if self.has("seasons") else [1.0]
        if self.has("years") or self.has("seasons"):
            for year in years:
                for i, share in enumerate(shares):
                    self.add("periods", period=f"{year}-{i}", year=year, share_of_year=share)
        self.years = years
        self.periods = [row["period"] for row in self.tables.get("periods", [])]

    def streams_and_demands(self) -> None:
        self.streams, self.demands = [], []
        for i in range(2 + int(self.rng.integers(3))):
            row = self.add(
                "streams",
                stream=f"s{i}",
                facility=self.one(self.facilities),
                material=self.one(self.moving) if i else "u",
                supply_per_yr=self.n(20, 120),
                own_disposal_eur_per_unit=self.n(5, 80),
                own_disposal_kgco2_per_unit=self.n(10, 400),
            )
            if self.has("optional"):
                row["must_place"] = self.chance()
                if row["must_place"] is False and self.chance():
                    row["own_disposal_eur_per_unit"] = None
            if self.has("routes"):
                row["own_disposal_route"] = self.one(["landfill", "incineration", "sewer", "other"])
            if self.has("single_receiver"):
                row["single_receiver"] = self.chance(0.7)
            if self.has("negative") and self.chance():
                row["own_disposal_eur_per_unit"] = -self.n(1, 10)
            self.streams.append(row)
        for i in range(2 + int(self.rng.integers(3))):
            row = self.add(
                "demands",
                demand=f"d{i}",
                facility=self.one(self.facilities),
                material=self.one(self.moving) if i else "u",
                need_per_yr=self.n(15, 100),
                virgin_eur_per_unit=self.n(10, 90),
                virgin_kgco2_per_unit=self.n(20, 900),
            )
            if self.has("optional") and self.chance():
                row["must_meet"] = False
                if self.chance():
                    row["virgin_eur_per_unit"] = None
            if self.has("byproduct_shares"):
                row["min_byproduct_share"] = self.n(0, 0.15) if self.chance() else 0.0
                row["max_byproduct_share"] = self.n(0.5, 0.95)
            self.demands.append(row)
        if self.has("substitutions"):
            row = self.add(
                "substitutions",
                from_material="u",
                to_material="v",
                ratio=self.n(0.5, 1.3),
                cost_eur_per_unit=self.n(-2, 9),
            )
            row["kgco2_per_unit"] = self.n(0, 50)
            if self.has("max_share"):
                row["max_share"] = self.n(0.2, 0.7)
            if self.chance(0.4):
                row["sectors"] = self.one(["20;35", "10", "35"])
            if self.chance(0.3):
                self.add("substitutions", from_material="u", to_material="u", ratio=self.n(0.6, 0.95))

    def plants(self) -> None:
        inputs = ["u", "v"] if self.has("mix") or self.has("fixed_mix") else ["u"]
        opex = self.n(-9, -1) if self.has("opex_revenue") else self.n(1, 12)
        self.add(
            "technologies",
            technology="tech",
            opex_eur_per_unit=opex,
            kgco2_per_unit=self.n(0, 80),
            life_yr=self.n(8, 15, 0),
        )
        output = "w" if self.has("chain") else self.one(["v", "w"])
        for name in inputs:
            lag = int(self.has("lag"))
            self.add("recipes", technology="tech", input=name, output=output, lag_yr=lag, **{"yield": self.n(0.3, 0.9)})
            if self.has("residue"):
                self.add("recipes", technology="tech", input=name, output="r", **{"yield": self.n(0.05, 0.3)})
        if self.has("fixed_mix"):
            share = self.n(0.3, 0.7)
            self.add("mixes", technology="tech", input="u", min_share=share, max_share=share)
        elif self.has("mix"):
            self.add("mixes", technology="tech", input="u", min_share=self.n(0.1, 0.4), max_share=self.n(0.5, 0.9))
        if output == "w":
            self.add(
                "demands",
                demand="dw",
                facility=self.one(self.facilities),
                material="w",
                need_per_yr=self.n(10, 60),
                virgin_eur_per_unit=self.n(60, 300),
            )
        self.works = [
            self.plant(f"p{i}", "tech") for i in range(1 + int(self.rng.integers(2)) + self.has("choose_one"))
        ]
        if self.has("chain"):
            self.add("technologies", technology="next", opex_eur_per_unit=self.n(0, 4))
            self.add("recipes", technology="next", input="w", output="v", **{"yield": self.n(0.5, 1.1)})
            self.plant("chained", "next")
        if self.has("loop"):
            # what comes back is less than what goes in
            self.add("technologies", technology="back", opex_eur_per_unit=self.n(0.5, 4))
            self.add("recipes", technology="back", input=output, output="u", **{"yield": self.n(0.2, 0.8)})
            self.plant("looping", "back")
        if self.has("makes_of_nothing"):
            self.add("technologies", technology="well", opex_eur_per_unit=self.n(3, 40))
            self.add("recipes", technology="well", output="v", **{"yield": self.n(0.5, 1.5)})
            self.plant("well", "well")

    def plant(self, name: str, technology: str) -> Row:
        row = self.add(
            "plants", plant=name, facility=self.one(self.facilities), technology=technology, status="existing"
        )
        row |= {"capacity_per_yr": self.n(20, 150), "fixed_eur_per_yr": self.n(10, 400)}
        self.tables["plants"][-1] = row
        candidate = self.has("candidates") and (self.chance(0.7) or name == "p0")
        if candidate:
            row |= {"status": "candidate", "capex_eur": self.n(500, 9000), "life_yr": self.n(5, 15, 0)}
        if self.has("build_window") and candidate:
            row["build_from" if self.chance() else "build_until"] = self.years[1]
        if (self.has("expansion") and candidate) or (self.has("existing_expansion") and not candidate):
            row |= {
                "max_capacity_per_yr": row["capacity_per_yr"] + self.n(20, 100),
                "capex_eur_per_unit": self.n(5, 60),
            }
            row["fixed_eur_per_unit"] = self.n(0, 4)
            if self.chance(0.3):
                del row["capacity_per_yr"]
        elif not candidate and not self.has("min_load") and self.chance(0.2):
            del row["capacity_per_yr"]
        if self.has("min_load") and "capacity_per_yr" in row:
            row["min_load_share"] = self.n(0.1, 0.8)
        if self.has("choose_one") and candidate and technology == "tech":
            row["choose_one"] = "site"
        if self.has("plant_single"):
            row["single_receiver"] = True
        if self.has("owner"):
            row["owner"] = self.one(["north", "south", "third"])
        return row

    def disposals(self) -> None:
        self.add(
            "disposals",
            disposal="dump",
            facility=self.one(self.facilities),
            route="landfill",
            gate_fee_eur_per_unit=self.n(2, 60),
            kgco2_per_unit=self.n(50, 500),
        )
        kiln = self.add(
            "disposals",
            disposal="kiln",
            facility=self.one(self.facilities),
            route="incineration",
            gate_fee_eur_per_unit=self.n(30, 120),
            kgco2_per_unit=self.n(300, 900),
        )
        kiln["accepts"] = self.one(["u;w", "19 12;10 01", "non_hazardous;hazardous", "u"])
        if self.has("disposal_capacity"):
            self.tables["disposals"][0]["capacity_per_yr"] = self.n(10, 60)
            kiln["capacity_per_yr"] = self.n(10, 60)
        if self.has("ban") and self.chance():
            self.tables["disposals"][0]["tax_class"] = "inert"

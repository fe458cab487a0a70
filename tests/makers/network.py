"""Modes, links, rules, qualities and stocks."""

from __future__ import annotations

from typing import Any

from makers.places import Places


class Network(Places):
    """Writes what joins places."""

    def modes(self) -> None:
        names = ["truck", "rail"] if self.has("two_modes") else ["truck"]
        self.mode_names = names
        for name in names:
            row = self.add(
                "modes",
                mode=name,
                network="straight",
                detour=self.n(1, 1.4),
                eur_per_tkm=self.n(0.02, 0.4),
                eur_per_t=self.n(0, 6),
                kgco2_per_tkm=self.n(0.01, 0.2),
                kgco2_per_t=self.n(0, 2),
                eur_per_unit_km=self.n(0, 0.05),
            )
            if self.has("states") and self.chance(0.7):
                row["states"] = self.one(["solid;heat;liquid", "solid;sludge", "sludge;liquid"])
            if self.has("setup"):
                row["setup_eur_per_yr"] = self.n(20, 500)
            if self.has("lots"):
                row["min_per_yr"] = self.n(5, 60)
            if self.has("max_flow"):
                row["max_per_yr"] = self.n(15, 80)
                if self.has("lots"):
                    row["max_per_yr"] += row["min_per_yr"]
            if self.has("link_capex"):
                row |= {"capex_eur_per_km": self.n(1, 60), "life_yr": self.n(5, 15, 0)}
            if self.has("trips"):
                row |= {"eur_per_trip": self.n(10, 90), "vehicle_t": self.n(8, 25, 1)}
            if self.has("loss"):
                row["loss_share_per_km"] = self.n(0.0005, 0.008, 5)
            if self.has("haul_hours"):
                row["speed_kmh"] = self.n(30, 70)
            if self.has("reach") and self.chance():
                row["max_km"] = self.n(30, 90)
            self.tables["modes"][-1] = row
        if self.has("reach"):
            self.settings["reach"]["max_km"] = self.n(20, 70)
        if self.has("nearest"):
            self.settings["reach"]["nearest"] = 1 + int(self.chance())
        if self.has("not_within"):
            self.settings["reach"]["within_facility"] = False
        if self.has("only_listed"):
            self.settings["reach"]["only_listed"] = True

    def pair(self) -> tuple[str, str, str]:
        """Places of a stream and a demand it could serve, and the material."""
        pairs = [
            (s["facility"], d["facility"], s["material"])
            for s in self.streams
            for d in self.tables["demands"]
            if s["material"] == d["material"]
        ]
        return pairs[int(self.rng.integers(len(pairs)))]

    def links(self) -> None:
        mode = self.mode_names[0]
        taken: set[tuple[str, ...]] = set()
        shared: set[tuple[str, str]] = set()

        def link(start: str, end: str, material: str = "", by: str = "", **cells: Any) -> None:
            # what a row that names a material says of an exchange that all materials share is left open
            if (start, end, material, by) not in taken and cells and not (material and (start, end) in shared):
                taken.add((start, end, material, by))
                self.add("links", from_facility=start, to_facility=end, material=material, mode=by, **cells)

        if self.has("shared"):
            start, end, _ = self.pair()
            most = (
                {} if self.has("heat") or self.has("water") else {"max_per_yr": self.n(20, 150)}
            )  # units don't add up
            link(start, end, "", mode, shared=True, setup_eur_per_yr=self.n(20, 300), **most)
            shared.add((start, end))
        if self.has("required") and not (
            self.has("rules") or self.has("states") or self.has("loss")
        ):  # must be possible
            start, end, material = self.pair()
            least = {"min_per_yr": self.n(1, 9)} if self.chance() else {"min_per_yr": 0.0}
            link(start, end, material, mode, status="required", setup_eur_per_yr=self.n(20, 300), **least)
        if self.has("existing"):
            start, end, material = self.pair()
            link(
                start, end, material, mode if self.chance() else "", status="existing", setup_eur_per_yr=self.n(20, 300)
            )
        if self.has("forbidden"):
            start, end, material = self.pair()
            link(start, end, material if self.chance() else "", "", status="forbidden")
        if self.has("links_cells"):
            for _ in range(3):
                start, end, material = self.pair()
                cells = {
                    "distance_km": self.n(1, 50),
                    "eur_per_unit": self.n(-2, 20),
                    "kgco2_per_unit": self.n(0, 9),
                    "setup_eur_per_yr": self.n(0, 300),
                    "capex_eur": self.n(100, 2000),
                    "max_per_yr": self.n(20, 90),
                }
                said = {name: figure for name, figure in cells.items() if self.chance(0.4)}
                link(start, end, material if self.chance() else "", mode if self.chance() else "", **said)
        if self.has("way_cells"):
            start = self.one([s["facility"] for s in self.streams])
            end = self.tables["disposals"][0]["facility"]
            link(start, end, "u", mode, setup_eur_per_yr=self.n(5, 90), max_per_yr=self.n(20, 90))
        if self.has("only_listed"):
            for start in self.facilities:
                for end in self.facilities:
                    if self.chance(0.7):
                        link(start, end, distance_km=self.n(1, 60) if start != end else 0.0)

    def rules(self) -> None:
        if self.has("permit_only"):
            self.add("rules", material="u", allowed=True, permit_eur_per_yr=self.n(20, 300))
        if not self.has("rules"):
            return
        self.add(
            "rules",
            material=self.one(["u", "10 01", "17"]),
            allowed=False,
            to_sector=self.one(["20", "35"]),
            reason="not here",
        )
        self.add("rules", material="u", to_sector="20", from_sector=self.one(["10", "20", "35"]), allowed=True)
        if self.has("technology_rules"):
            self.add("rules", technology="tech", from_sector=self.one(["10", "20", "35"]), allowed=False)
            self.add("rules", technology="tech", allowed=True, permit_eur_per_yr=self.n(20, 300))
        if self.has("permits"):
            self.add("rules", material="u", allowed=True, permit_eur_per_yr=self.n(20, 300))
            self.add("rules", to_sector="35", mode=self.mode_names[0], allowed=True, permit_eur_per_yr=self.n(20, 300))

    def qualities(self) -> None:
        if not self.has("quality"):
            return
        for row in self.streams:
            self.add("qualities", stream=row["stream"], property="moisture", value=self.n(0.05, 0.95))
        for plant in self.tables.get("plants", []):
            for output in {r["output"] for r in self.tables["recipes"] if r["technology"] == plant["technology"]}:
                self.add(
                    "qualities", plant=plant["plant"], material=output, property="moisture", value=self.n(0.05, 0.95)
                )
        self.add("quality_limits", demand="d0", property="moisture", max=self.n(0.3, 0.7))
        if len(self.demands) > 2:
            self.add("quality_limits", demand="d2", property="moisture", min=self.n(0.3, 0.6))
        if self.has("plants"):
            self.add("quality_limits", technology="tech", input="u", property="moisture", max=self.n(0.4, 0.8))

    def stocks(self) -> None:
        """A stock serves one stream (or demand) of its material at its place: others are moved away."""
        if self.has("stocks"):
            first = self.streams[0]
            for other in self.streams[1:]:
                if other["facility"] == first["facility"] and other["material"] == first["material"]:
                    other["material"] = "v"
            self.add(
                "stocks",
                facility=first["facility"],
                material=first["material"],
                capacity=self.n(5, 40),
                initial=self.n(0, 5),
                eur_per_unit_yr=self.n(0.1, 5),
            )
        if self.has("demand_stock"):
            self.add("facilities", facility="store", lat=self.n(51, 52, 4), lon=self.n(0, 1, 4), sector="20")
            self.add(
                "demands",
                demand="ds",
                facility="store",
                material="u",
                need_per_yr=self.n(20, 80),
                virgin_eur_per_unit=self.n(40, 90),
            )
            self.add("stocks", facility="store", material="u", capacity=self.n(5, 40), eur_per_unit_yr=self.n(0.1, 5))
            self.add(
                "changes", table="demands", id="ds", column="need_per_yr", period=self.periods[0], value=self.n(0, 20)
            )
            if self.has("only_listed"):
                self.add(
                    "links", from_facility=self.streams[0]["facility"], to_facility="store", distance_km=self.n(1, 30)
                )
        if self.has("plant_stock"):
            self.add("stocks", plant="p0", material="u", capacity=self.n(5, 40), eur_per_unit_yr=self.n(0.1, 5))

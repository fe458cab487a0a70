"""Which links and ways to disposal a scenario admits, one pair at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from oracle.reading import Book

R_KM = 6371.0088  # mean radius of the Earth (IUGG), as the contract says
CARRIES = {
    "straight": ("solid", "sludge", "liquid", "gas", "heat", "power"),
    "pipe": ("liquid", "gas", "heat"),
}


@dataclass(frozen=True)
class Origin:
    """A stream, or one output of a plant."""

    kind: str
    name: str
    material: str
    facility: str
    organisation: str
    row: dict[str, Any] = field(compare=False, hash=False)


@dataclass(frozen=True)
class Receiver:
    """A demand, or one input of a plant."""

    kind: str
    name: str
    material: str
    facility: str
    organisation: str
    row: dict[str, Any] = field(compare=False, hash=False)


@dataclass(frozen=True, eq=False)
class Link:
    """One way of carrying an origin's material to a demand, a plant or a disposal."""

    origin: Origin
    receiver: Receiver
    mode: dict[str, Any]
    substitution: dict[str, Any] | None
    distance_km: float = 0.0
    listed: bool = False
    shared: bool = False
    status: str = ""

    @property
    def to_disposal(self) -> bool:
        """Whether it ends at a disposal."""
        return self.receiver.kind == "disposal"

    @property
    def exchange(self) -> tuple[str, str, str, str]:
        """The exchange it belongs to: pair, mode and material, without material where shared."""
        return (
            self.origin.facility,
            self.receiver.facility,
            self.mode["mode"],
            "" if self.shared else self.origin.material,
        )

    @property
    def foreign(self) -> bool:
        """Whether it joins two organisations."""
        return not self.to_disposal and self.origin.organisation != self.receiver.organisation


def haversine_km(a: dict[str, Any], b: dict[str, Any]) -> float:
    """Great-circle distance between two facilities, km."""
    la, lb = math.radians(a["lat"]), math.radians(b["lat"])
    dlat, dlon = lb - la, math.radians(b["lon"] - a["lon"])
    h = math.sin(dlat / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin(dlon / 2) ** 2
    return 2 * R_KM * math.asin(min(1.0, math.sqrt(h)))


def code(text: str | None) -> str:
    """A List of Waste code without blanks and star."""
    return (text or "").replace(" ", "").replace("*", "")


def matches_material(book: Book, pattern: str, material: str) -> bool:
    """Whether a material is meant by an id or by a prefix of its waste code."""
    if pattern == material:
        return True
    ewc = code(book.row("materials", material)["ewc"])
    return bool(ewc) and code(pattern).isdigit() and ewc.startswith(code(pattern))


def origins(book: Book) -> list[Origin]:
    """Every stream and every output of every plant."""
    found = [
        Origin("stream", s["stream"], s["material"], s["facility"], organisation(book, s["facility"]), s)
        for s in book.tables["streams"]
    ]
    for p in book.tables["plants"]:
        outputs = {r["output"] for r in recipes(book, p["technology"]) if r["output"]}
        owner = p["owner"] or organisation(book, p["facility"])
        found += [Origin("plant", p["plant"], m, p["facility"], owner, p) for m in sorted(outputs)]
    return found


def receivers(book: Book) -> list[Receiver]:
    """Every demand and every input of every plant."""
    found = [
        Receiver("demand", d["demand"], d["material"], d["facility"], organisation(book, d["facility"]), d)
        for d in book.tables["demands"]
    ]
    for p in book.tables["plants"]:
        inputs = {r["input"] for r in recipes(book, p["technology"]) if r["input"]}
        owner = p["owner"] or organisation(book, p["facility"])
        found += [Receiver("plant", p["plant"], m, p["facility"], owner, p) for m in sorted(inputs)]
    return found


def recipes(book: Book, technology: str) -> list[dict[str, Any]]:
    """Rows of a technology's recipe."""
    return [r for r in book.tables["recipes"] if r["technology"] == technology]


def organisation(book: Book, facility: str) -> str:
    """Who runs a facility."""
    return book.row("facilities", facility)["organisation"] or facility


def link_rows(book: Book, start: str, end: str, material: str, mode: str) -> list[dict[str, Any]]:
    """Rows of `links` on a pair, least specific first."""
    rows = [
        row
        for row in book.tables["links"]
        if row["from_facility"] == start
        and row["to_facility"] == end
        and row["material"] in (None, material)
        and row["mode"] in (None, mode)
    ]
    return sorted(rows, key=lambda row: ((row["material"] is not None) + (row["mode"] is not None), row["_row"]))


def said(book: Book, rows: list[dict[str, Any]], column: str, t: int | None = None) -> Any:
    """What the most specific row with that cell filled says, None if none does."""
    answer = None
    for row in rows:
        value = row[column] if t is None else book.at(row, column, t)
        if value is not None:
            answer = value
    return answer


def may_go(book: Book, link: Link) -> bool:
    """Whether the rules allow an exchange: the matching row with most filled cells decides, forbidden on a tie."""
    found = matching_rules(book, link)
    if not found:
        return True
    most = max(filled(rule) for rule in found)
    return all(rule["allowed"] for rule in found if filled(rule) == most)


def filled(rule: dict[str, Any]) -> int:
    """How many conditions a rule states."""
    return sum(rule[c] is not None for c in ("material", "from_sector", "to_sector", "technology", "mode"))


def matching_rules(book: Book, link: Link) -> list[dict[str, Any]]:
    """Rules all of whose filled cells match a link."""
    from_sector = book.row("facilities", link.origin.facility)["sector"] or ""
    to_sector = book.row("facilities", link.receiver.facility)["sector"] or ""
    technology = link.receiver.row["technology"] if link.receiver.kind == "plant" else None
    return [
        rule
        for rule in book.tables["rules"]
        if (rule["material"] is None or matches_material(book, rule["material"], link.origin.material))
        and (rule["from_sector"] is None or from_sector.startswith(rule["from_sector"]))
        and (rule["to_sector"] is None or to_sector.startswith(rule["to_sector"]))
        and rule["technology"] in (None, technology)
        and rule["mode"] in (None, link.mode["mode"])
    ]


def carries(mode: dict[str, Any], state: str | None) -> bool:
    """Whether a mode takes a material of this state."""
    states = mode["states"] or CARRIES.get(mode["network"] or "straight", ("solid", "sludge", "liquid"))
    return state is None or state in states


def modes(book: Book) -> list[dict[str, Any]]:
    """The modes, one free mode over straight lines where the table is absent."""
    return book.tables["modes"]


def replacing(book: Book, material: str, receiver: Receiver) -> list[dict[str, Any] | None]:
    """By which rows a material serves a receiver: None stands for 1:1."""
    if receiver.kind == "plant":
        return [None] if material == receiver.material else []
    sector = book.row("facilities", receiver.facility)["sector"] or ""
    rows = [
        row
        for row in book.tables["substitutions"]
        if row["from_material"] == material and row["to_material"] == receiver.material
    ]
    fitting = [row for row in rows if not row["sectors"] or any(sector.startswith(s) for s in row["sectors"])]
    if material == receiver.material and not rows:
        return [None]
    return list(fitting)


def carriage(book: Book, origin: Origin, receiver: Receiver, mode: dict[str, Any], sub: Any) -> Link | None:
    """The link between two places by a mode if it is possible at all, before `nearest` and rules."""
    material = book.row("materials", origin.material)
    if not carries(mode, material["state"]):
        return None
    rows = link_rows(book, origin.facility, receiver.facility, origin.material, mode["mode"])
    status = said(book, rows, "status") or ""
    reach = book.settings.reach
    if status == "forbidden" or (reach.only_listed and not rows):
        return None
    km = said(book, rows, "distance_km", 0)
    if km is None:
        if origin.facility == receiver.facility:
            km = 0.0
        else:
            a, b = (book.row("facilities", end.facility) for end in (origin, receiver))
            detour = book.at(mode, "detour", 0)
            km = haversine_km(a, b) * (1.0 if detour is None else detour)
    if not rows:
        longest = reach.max_km if mode["max_km"] is None else book.at(mode, "max_km", 0)
        if longest is not None and km > longest:
            return None
        hours, speed = book.at(material, "max_haul_h", 0), book.at(mode, "speed_kmh", 0)
        if hours is not None and speed and km / speed > hours:
            return None
        if receiver.kind != "disposal" and origin.facility == receiver.facility and not reach.within_facility:
            return None
    if 1.0 - book.number(mode, "loss_share_per_km", 0) * km <= 0.0:
        return None
    return Link(origin, receiver, mode, sub, float(km), bool(rows), bool(said(book, rows, "shared")), status)


def exchange_links(book: Book) -> list[Link]:
    """Every candidate link to a demand or a plant."""
    found = []
    ends = receivers(book)
    for origin in origins(book):
        for mode in modes(book):
            here = []
            for receiver in ends:
                for sub in replacing(book, origin.material, receiver):
                    link = carriage(book, origin, receiver, mode, sub)
                    if link is not None and may_go(book, link):
                        here.append(link)
            found += nearest(book, here)
    return found


def nearest(book: Book, links: list[Link]) -> list[Link]:
    """Links of one origin and mode to its k nearest other facilities; the own facility and listed pairs stay."""
    k = int(book.settings.reach.nearest or 0)
    if k == 0:
        return links
    away = {
        link.receiver.facility: link.distance_km for link in links if link.receiver.facility != link.origin.facility
    }
    near = sorted(away, key=lambda facility: (away[facility], facility))[:k]
    return [
        link
        for link in links
        if link.listed or link.receiver.facility == link.origin.facility or link.receiver.facility in near
    ]


def accepts(book: Book, disposal: dict[str, Any], material: str) -> bool:
    """Whether a disposal takes a material: by id, waste code prefix or disposal class."""
    if not disposal["accepts"]:
        return True
    kind = book.row("materials", material)["disposal_class"]
    return any(pattern == kind or matches_material(book, pattern, material) for pattern in disposal["accepts"])


def tax_class(book: Book, disposal: dict[str, Any], material: str) -> str:
    """Class by which a tonne is taxed or banned at a disposal."""
    return disposal["tax_class"] or book.row("materials", material)["disposal_class"] or ""


def disposal_links(book: Book) -> list[Link]:
    """Every way of an origin to a disposal."""
    found = []
    for origin in origins(book):
        for disposal in book.tables["disposals"]:
            if not accepts(book, disposal, origin.material):
                continue
            banned = tax_class(book, disposal, origin.material) in book.settings.policy.landfill_ban
            if disposal["route"] == "landfill" and banned:
                continue
            end = Receiver("disposal", disposal["disposal"], origin.material, disposal["facility"], "", disposal)
            for mode in modes(book):
                link = carriage(book, origin, end, mode, None)
                if link is not None:
                    found.append(link)
    return found

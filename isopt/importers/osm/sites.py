"""Which of the things on the map is a site, of which kind and sector, and which two are one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from isopt.geo.addresses import clean
from isopt.geo.borders import borders
from isopt.geo.countries import country_code
from isopt.geo.osm_download import Box
from isopt.importers.osm.features import sectors

__all__ = ["LEFT", "sites_of"]

LEFT = ("file", "row", "permit", "name", "direction", "material", "tonnes", "rows", "reason")
"""Columns of the list of what was left out, the same for every importer."""

_GONE = {"disused": ("yes",), "abandoned": ("yes",), "demolished": ("yes",)} | {
    "operational_status": ("closed", "disused", "abandoned", "out_of_order"),
}
_NO_MATERIAL = ("solar", "wind", "hydro", "wave", "tidal")
_NOTED = ("industrial", "product", "resource", "plant:source", "plant:method", "plant:output:electricity",
          "landfill:waste", "capacity", "website", "wikidata")  # fmt: skip
_HA = 1e-4
_SAME = "the same as "
_OWN = {"lat", "lon", "order", "sector", "reason"}
"""What stays of a site that is on the map twice."""


def sites_of(
    features: Any,
    rows: pd.DataFrame,
    *,
    box: Box | None,
    min_ha: float,
    tell: Callable[[str], object],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """
    Choose the sites among the features.

    Parameters
    ----------
    features
        From :mod:`isopt.importers.osm.features`.
    rows
        Kinds wanted, in order of precedence.
    box
        South, west, north, east: the representative point has to lie within it; None: everywhere.
    min_ha
        Hectares from which an industrial area without a name counts.
    tell
        Told how many there are.

    Returns
    -------
    sites
        ``id, kind, label, name, organisation, sector, lat, lon, address, postcode, city, country, note`` and the tag
        ``waste`` of landfills; sorted by kind and id.
    left
        What was not taken, by reason.
    """
    taken = _of_kind(features, rows)
    if taken.empty:
        return pd.DataFrame(columns=["id"]), pd.DataFrame(columns=list(LEFT))
    taken = taken.assign(area_ha=_hectares(taken.geometry))
    point = taken.geometry.representative_point()
    taken = taken.assign(lat=np.round(point.y, 7), lon=np.round(point.x, 7))
    reason = _reasons(taken, box, min_ha)
    left = [_left(taken[reason != ""], reason[reason != ""])]
    kept = taken[reason == ""].reset_index(drop=True)
    if kept.empty:
        return pd.DataFrame(columns=["id"]), left[0]
    double = _doubles(kept)
    left.append(_left(kept[double != ""], double[double != ""]))
    sites = _described(_with_tags_of_doubles(kept, double)[double == ""].reset_index(drop=True))
    tell(f"{len(sites):,} sites of {len(features):,} features")
    return sites, pd.concat([part for part in left if len(part)] or left[:1], ignore_index=True)


def _of_kind(features: Any, rows: pd.DataFrame) -> Any:
    """Give each feature the first kind whose tags it has; those with none fall out."""
    order = np.full(len(features), len(rows))
    for place in range(len(rows) - 1, -1, -1):
        row = rows.iloc[place]
        fits = (features[row["key"]] == row["value"]).to_numpy()
        if row["also_key"]:
            fits = fits & (features[row["also_key"]] == row["also_value"]).to_numpy()
        order[fits] = place
    kept = features[order < len(rows)].copy()
    chosen = rows.iloc[order[order < len(rows)]]
    for column in ("kind", "label", "sector", "reason"):
        kept[column] = chosen[column].to_numpy()
    kept["order"] = order[order < len(rows)]
    return kept


def _hectares(geometry: Any) -> Any:
    """Area on the ellipsoid, 0 of points."""
    import pyproj
    import shapely

    globe = pyproj.Geod(ellps="WGS84")
    turned = shapely.orient_polygons(geometry.to_numpy())  # else a hole may be added instead of taken off
    return np.array([abs(globe.geometry_area_perimeter(shape)[0]) * _HA if shape.area else 0.0 for shape in turned])


def _reasons(taken: Any, box: Box | None, min_ha: float) -> pd.Series[str]:
    """Say why a feature is no site, "" where it is one; the first reason counts."""
    source = taken["plant:source"].str.split(";").map(lambda words: {word.strip() for word in words})
    tests = {
        "outside the box": pd.Series(False, index=taken.index)
        if box is None
        else ~(taken["lat"].between(box[0], box[2]) & taken["lon"].between(box[1], box[3])),
        "no longer in use": pd.concat([taken[key].isin(words) for key, words in _GONE.items()], axis=1).any(axis=1),
        "power of sun, wind or water: no material in or out": (taken["kind"] == "power")
        & source.map(lambda words: bool(words - {""}) and words <= set(_NO_MATERIAL)),
        "a marina": (taken["kind"] == "port") & (taken["leisure"] == "marina"),
        f"industrial area without a name below {min_ha:g} ha": (taken["kind"] == "industrial")
        & (taken["name"] == "")
        & (taken["area_ha"] < min_ha),
    }
    reason = pd.Series("", index=taken.index)
    for words, fits in tests.items():
        reason = reason.mask((reason == "") & fits, words)
    return reason


def _doubles(sites: Any) -> pd.Series[str]:
    """
    Find things that are on the map twice: the same name (whatever its case), and one lies on the other.

    The one with the more special kind stays, of two of a kind the larger.
    """
    import shapely

    shapes = sites.geometry.to_numpy()
    name = sites["name"].str.casefold().to_numpy()
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pair = (first != second) & (name[first] != "") & (name[first] == name[second])
    rank = np.empty(len(sites), dtype=np.int64)
    rank[np.lexsort((sites["id"], -sites["area_ha"], sites["order"]))] = np.arange(len(sites))
    better = np.full(len(sites), -1)
    for loser, winner in zip(first[pair], second[pair], strict=True):
        if rank[winner] < rank[loser] and (better[loser] < 0 or rank[winner] < rank[better[loser]]):
            better[loser] = winner
    ids = sites["id"].to_numpy()
    return pd.Series([f"{_SAME}{ids[best]}" if best >= 0 else "" for best in better], index=sites.index, dtype=str)


def _with_tags_of_doubles(sites: Any, double: pd.Series[str]) -> Any:
    """Fill what is empty from what is the same, the least of several first."""
    rows = sites.drop(columns="geometry").to_dict("records")
    place = {row["id"]: row for row in rows}
    least_first = sorted(zip(rows, double, strict=True), key=lambda pair: (-pair[0]["order"], pair[0]["area_ha"]))
    for row, words in least_first:
        if words:
            stays = place[words.removeprefix(_SAME)]
            stays.update({key: row[key] for key, value in stays.items() if value in {"", 0.0} and key not in _OWN})
    return pd.DataFrame(rows, columns=[name for name in sites.columns if name != "geometry"])


def _described(sites: Any) -> pd.DataFrame:
    """Turn tags into the columns of facilities."""
    sector, why = _sectors(sites)
    street = [clean(f"{street or place} {number}") for street, place, number in
              zip(sites["addr:street"], sites["addr:place"], sites["addr:housenumber"], strict=True)]  # fmt: skip
    said = sites["addr:country"].map(country_code)
    drawn = pd.Series(borders().country_of(sites["lat"].to_numpy(), sites["lon"].to_numpy()), index=sites.index)
    table = pd.DataFrame(
        {
            "id": sites["id"],
            "kind": sites["kind"],
            "label": sites["label"],
            "name": sites["name"].where(sites["name"] != "", sites["label"] + " " + sites["id"]),
            "organisation": sites["operator"].where(sites["operator"] != "", sites["owner"]),
            "sector": sector,
            "lat": sites["lat"],
            "lon": sites["lon"],
            "address": street,
            "postcode": sites["addr:postcode"],
            "city": sites["addr:city"],
            "country": said.where(said != "", drawn),
            "waste": sites["landfill:waste"],
            "note": _notes(sites, sector, why),
        }
    )
    order = pd.DataFrame({"order": sites["order"], "id": sites["id"]}).sort_values(["order", "id"]).index
    return table.loc[order].reset_index(drop=True)


def _sectors(sites: Any) -> tuple[list[str], list[str]]:
    """Guess the NACE class of each site: by the first tag that the table knows, else by its kind."""
    known = {(key, value): (code, why) for key, value, code, why in sectors().itertuples(index=False)}
    keys = list(dict.fromkeys(sectors()["key"]))
    found = []
    for row in sites.to_dict("records"):
        guess = (row["sector"], row["reason"])
        for key in reversed(keys):
            for word in reversed(str(row[key]).split(";")):
                guess = known.get((key, word.strip().lower().replace(" ", "_")), guess)
        found.append(guess)
    return [code for code, _ in found], [why for _, why in found]


def _notes(sites: Any, sector: list[str], why: list[str]) -> list[str]:
    notes = []
    for row, code, reason in zip(sites.to_dict("records"), sector, why, strict=True):
        area = [f"{row['area_ha']:.1f} ha"] if row["area_ha"] else []
        tags = [f"{key}={row[key]}" for key in _NOTED if row[key]]
        guess = f"sector guessed: {reason}" if code else "sector unknown"
        notes.append("; ".join([row["label"], *area, *tags, guess]))
    return notes


def _left(rows: Any, reasons: pd.Series[str]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "file": "OpenStreetMap",
            "row": "",
            "permit": rows["id"].to_numpy(),
            "name": rows["name"].to_numpy(),
            "direction": "",
            "material": "",
            "tonnes": np.nan,
            "rows": 1,
            "reason": reasons.to_numpy(),
        }
    )
    return table[list(LEFT)]

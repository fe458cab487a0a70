"""Which by-products could replace which materials, proposed out of known uses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from isopt.knowledge.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["suggest_substitutions"]

_COLUMNS = (
    "from_material",
    "to_material",
    "ratio",
    "max_share",
    "sectors",
    "rule",
    "use",
    "matched_by",
    "units_fit",
    "treatment",
    "share_basis",
    "ratio_basis",
    "confidence",
    "note",
    "source",
)
_LEVELS = ("low", "medium", "high")
_ALTERNATIVES = re.compile(r"[;,+/]| or ")
_ASIDE = re.compile(r"\(([^)]*)\)")
_WORDS = re.compile(r"[a-z0-9]+")
_FILLERS = frozenset({"a", "an", "and", "as", "by", "for", "from", "of", "other", "per", "the", "to", "with"})


@dataclass(frozen=True)
class _Material:
    name: str
    words: frozenset[str]
    ewc: str
    unit: str


def _words(text: str) -> frozenset[str]:
    found = _WORDS.findall(text.lower().replace("_", " "))
    return frozenset(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in found) - _FILLERS


def _same_thing(words: frozenset[str], phrase: str) -> bool:
    """Whether a material's words and an alternative of a rule contain each other; an aside of one word is none."""
    asides = [part for aside in _ASIDE.findall(phrase) for part in _ALTERNATIVES.split(aside)]
    alternatives = [_words(part) for part in _ALTERNATIVES.split(_ASIDE.sub(" ", phrase))]
    alternatives += [found for found in map(_words, asides) if len(found) > 1]
    whole = _words(phrase)
    return bool(words) and any(other and (words <= other or other <= words) for other in [whole, *alternatives])


def _rules() -> Iterator[dict[str, Any]]:
    for row in table("substitution_rules").to_dict("records"):
        yield {str(column): value for column, value in row.items()}


def _materials(materials: pd.DataFrame) -> Iterator[_Material]:
    for row in materials.to_dict("records"):
        ident = str(row["material"])
        name = _ASIDE.sub(" ", str(row.get("name") or "")).strip() or ident
        ewc = re.sub(r"\D", "", str(row.get("ewc") or ""))
        yield _Material(ident, _words(name), ewc, str(row.get("unit") or "t"))


def _matched_by(material: _Material, rule: dict[str, Any]) -> str:
    codes = [re.sub(r"\D", "", code) for code in str(rule["ewc"]).split(";") if code]
    by_code = len(material.ewc) >= 4 and any(code.startswith(material.ewc) for code in codes)
    by_name = _same_thing(material.words, str(rule["by_product"]))
    return " and ".join(label for label, hit in (("ewc", by_code), ("name", by_name)) if hit)


def _confidence(rule: dict[str, Any], matched_by: str, units_fit: bool) -> str:
    """Return the weakest of: the use itself, the ratio's basis, and how the material was recognised."""
    ratio = "high" if rule["ratio_basis"] == "sourced" else "medium"
    match = "high" if "ewc" in matched_by else "medium"
    parts = (str(rule["confidence"]), ratio, match, "high" if units_fit else "low")
    return min(parts, key=_LEVELS.index)


def suggest_substitutions(materials: pd.DataFrame) -> pd.DataFrame:
    """
    Propose rows for ``substitutions.csv`` out of the known uses of by-products.

    Nothing is applied: a person picks the rows that hold, fills in costs and the share of the own product, and copies
    them. The ratio and the share of a rule speak of its ``use``; a ratio whose units do not fit those of the two
    materials is left empty.

    Parameters
    ----------
    materials
        Table in the contract's format: material, and where there are name, ewc and unit.

    Returns
    -------
    proposals
        One row per by-product, replaced material and rule, the most certain first: the columns of the substitutions
        table (from_material, to_material, ratio, max_share, sectors, note, source) and beside them rule, use,
        matched_by (ewc, name or both), units_fit, treatment, share_basis, ratio_basis, confidence (the weakest of the
        use, its ratio and the match).

    Examples
    --------
    >>> found = suggest_substitutions(
    ...     pd.DataFrame({"material": ["ash", "clinker"], "name": ["fly ash", "clinker"], "ewc": ["10 01 02", ""]})
    ... )
    >>> found[["from_material", "to_material", "ratio", "matched_by", "confidence"]].values.tolist()
    [['ash', 'clinker', 1.0, 'ewc and name', 'high']]
    """
    known = list(_materials(materials))
    found: list[dict[str, Any]] = []
    for rule in _rules():
        goals = [material for material in known if _same_thing(material.words, str(rule["replaces"]))]
        matches = [(material, _matched_by(material, rule)) for material in (known if goals else [])]
        found += [
            _proposal(rule, material, goal, matched_by)
            for material, matched_by in matches
            for goal in goals
            if matched_by and goal.name != material.name
        ]
    if not found:
        return pd.DataFrame(columns=list(_COLUMNS))
    frame = pd.DataFrame(found, columns=list(_COLUMNS))
    order = pd.DataFrame({"rank": [-_LEVELS.index(level) for level in frame["confidence"]], "rule": frame["rule"]})
    return frame.loc[order.sort_values(["rank", "rule"], kind="stable").index].reset_index(drop=True)


def _proposal(rule: dict[str, Any], material: _Material, goal: _Material, matched_by: str) -> dict[str, Any]:
    fit = (material.unit, goal.unit) == (rule["from_unit"], rule["to_unit"])
    return {
        "from_material": material.name,
        "to_material": goal.name,
        "ratio": float(rule["ratio"]) if fit else float("nan"),
        "max_share": float(rule["max_share"]),
        "sectors": str(rule["receiver_nace"]),
        "rule": str(rule["rule"]),
        "use": str(rule["use"]),
        "matched_by": matched_by,
        "units_fit": fit,
        "treatment": str(rule["treatment"]),
        "share_basis": str(rule["share_basis"]),
        "ratio_basis": str(rule["ratio_basis"]),
        "confidence": _confidence(rule, matched_by, fit),
        "note": f"proposed by rule {rule['rule']}: {rule['by_product']} for {rule['replaces']} ({rule['ratio_note']})",
        "source": str(rule["note"]),
    }

"""Texts of the map of differences; those of the same name in the map's group are replaced by them on its page."""

from __future__ import annotations

DIFFERENCE = {
    "difference.title": "{first} → {second}",
    "difference.first": "Before: {title}. {status}; {gap}.",
    "difference.second": "After: {title}. {status}; {gap}.",
    "difference.gap": "gap {gap}",
    "difference.no_gap": "gap unknown",
    "difference.both_optimal": "Both plans are optimal",
    "difference.both_feasible": "Both are the best plans found",
    "difference.statuses": "{first} → {second}",
    "difference.uncertain": "The costs differ by less than the two plans may be away from the best ones: "
    "some of what is drawn may be no effect of the change.",
    "difference.nothing_changed": "Nothing changed: all exchanges and ways to disposal are the same.",
    "difference.drawn_short": "Only the {drawn} largest of {all} changes are drawn.",
    "difference.symbols": "Symbols show the plan after the change; what is only in the plan before is there too.",
    "difference.no_plan": "{title} has no plan to compare ({status}): {reason}",
    "difference.plus": "+{amount}",
    "difference.opened": "opened",
    "difference.closed": "closed",
    "difference.grown": "grown",
    "difference.shrunk": "shrunk",
    "difference.same": "as before",
    "difference.told": "{count} · {amount}",
    "difference.materials": "What changes",
    "difference.materials_per_year": "flows · amount per year",
    "difference.width": "Line width: change per year",
    "difference.amount_before": "Before",
    "difference.amount_after": "After",
    "difference.change": "Change",
    "difference.haulage_both": "Haulage",
    "difference.co2_both": "CO2 of transport",
    "difference.saving_both": "Saves",
    "difference.changes_here": "Changes here",
    "difference.no_change_here": "Nothing changes here.",
}

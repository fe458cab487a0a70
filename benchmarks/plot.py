"""How seconds and memory of each phase grow with the links: one picture."""

from __future__ import annotations

from pathlib import Path

from benchmarks.registry import PHASES
from benchmarks.store import Row, done, slopes

LEAST = {"seconds": 1e-3, "peak_mb": 1.0}
"""Below these a figure is noise."""
COLOURS = 10


def draw(rows: list[Row], path: Path) -> Path | None:
    """
    Draw isopt's seconds and memory against links, both axes logarithmic, a line per phase with its slope.

    Parameters
    ----------
    rows
        Of all sizes.
    path
        An SVG or PNG file.

    Returns
    -------
    path
        None where no phase was measured at two sizes.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib.figure import Figure

    ours = [row for row in rows if row["contender"] == "isopt" and done(row)]
    if len({row["size"] for row in ours}) < 2:
        return None
    figure = Figure(figsize=(16, 5.5), layout="constrained")
    for axes, (what, label) in zip(
        figure.subplots(1, 2), (("seconds", "seconds"), ("peak_mb", "peak memory, MB")), strict=True
    ):
        grow = slopes(ours, what, least=LEAST[what])
        for place, name in enumerate(PHASES):
            points: dict[float, list[float]] = {}
            for row in ours:
                if row["phase"] == name and row[what] > LEAST[what]:
                    points.setdefault(row["links"], []).append(row[what])
            if len(points) > 1:
                links = sorted(points)
                style = "-o" if place < COLOURS else "--s"
                slope = f" ({grow[name]:.2f})" if name in grow else ""
                axes.loglog(
                    links, [min(points[x]) for x in links], style, color=f"C{place % COLOURS}", ms=4, label=name + slope
                )
        axes.set(xlabel="candidate links", ylabel=label)
        axes.grid(alpha=0.3)
        if axes.lines:
            axes.legend(fontsize=8, title="phase (slope)", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "isopt"}):  # text stays text, the file the same
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)
    return path

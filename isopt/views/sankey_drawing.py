"""A balance of materials as an SVG: where nodes stand, and the ribbons between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from isopt.views.numbers import with_unit
from isopt.views.svg import at, figure, fitted, line, said
from isopt.views.texts import text

if TYPE_CHECKING:
    from isopt.views.sankey import Balance

BAR, GAP = 14.0, 28.0  # width of a node; room between two, so that two lines of text fit beside each
SIDE, TOP = 236.0, 34.0  # room for the labels at both sides, and for the heads of the columns
SIZE = 12.0
THINNEST = 0.7
NAMED = 5  # flows that the description names
HEADS = ("from", "material", "to")
ROUNDS = 4  # of sorting nodes by what they are joined with; the order settles after two or three
STYLE = (
    ".isopt-figure{font:12px/1.2 system-ui,'Segoe UI',Roboto,Arial,sans-serif;fill:#1d2b36}"
    ".isopt-figure .ribbon{fill-opacity:.45}.isopt-figure .ribbon:hover{fill-opacity:.8}"
    ".isopt-figure .halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
    ".isopt-figure .soft{fill:#55646f;font-size:11px}"
    ".isopt-figure .head{font-weight:600;fill:#55646f}"
    ".isopt-figure .ribbon,.isopt-figure rect{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
)


def drawn(balance: Balance, *, width: float, height: float, name: str) -> str:
    """
    Draw a balance.

    Parameters
    ----------
    balance
        At least one ribbon.
    width, height
        In pixels; the height grows where nodes need more room.
    name
        Begins the ids in the SVG.

    Returns
    -------
    str
        SVG with title and description; each ribbon has a title of its own.
    """
    columns = _ordered(balance)
    crowd = max(len(column) for column in columns)
    height = max(height, TOP + crowd * GAP + 220.0)
    largest = max(sum(balance.nodes[place].amount for place in column) for column in columns)
    scale = (height - TOP - crowd * GAP - 6.0) / largest
    top = _stacked(balance, columns, scale, height)
    unit = text("unit.per_year", unit=balance.unit)
    parts = _ribbons(balance, columns, top, scale, width, unit)
    for number, column in enumerate(columns):
        for place in column:
            parts += _node(balance, place, top[place], scale, width, unit)
        x, anchor = ((SIDE, "end"), (width / 2, "middle"), (width - SIDE, "start"))[number]
        parts.append(line(x, 10, text(f"sankey.head_{HEADS[number]}"), anchor=anchor, kind="head"))
    about = _about(balance, unit)
    return figure(parts, width=width, height=height, name=name, title=text("sankey.title"), about=about, style=STYLE)


def _ordered(balance: Balance) -> list[list[int]]:
    """Places of the nodes, column by column, each near those it is joined with; what is left of many comes last."""
    nodes = balance.nodes
    columns = [[place for place, node in enumerate(nodes) if node.column == column] for column in range(3)]
    for column in columns:
        column.sort(key=lambda place: (nodes[place].last, -nodes[place].amount))
    joined: dict[int, list[tuple[int, float]]] = {place: [] for place in range(len(nodes))}
    for start, end, amount, _ in balance.ribbons:
        joined[start].append((end, amount))
        joined[end].append((start, amount))
    for _ in range(ROUNDS):
        for number in (0, 2, 1):
            middle = _middles(balance, columns)

            def pull(place: int, middle: dict[int, float] = middle) -> tuple[bool, float]:
                weight = sum(amount for _, amount in joined[place])
                return nodes[place].last, sum(middle[other] * amount for other, amount in joined[place]) / weight

            columns[number].sort(key=pull)
    return columns


def _middles(balance: Balance, columns: list[list[int]]) -> dict[int, float]:
    """Middle of each node, as a share of its column."""
    middle = {}
    for column in columns:
        whole = sum(balance.nodes[place].amount for place in column)
        passed = 0.0
        for place in column:
            amount = balance.nodes[place].amount
            middle[place] = (passed + amount / 2) / whole
            passed += amount
    return middle


def _stacked(balance: Balance, columns: list[list[int]], scale: float, height: float) -> dict[int, float]:
    """Upper edge of each node; a column shorter than the figure is spread over it."""
    top = {}
    for column in columns:
        filled = sum(max(balance.nodes[place].amount * scale, THINNEST) for place in column)
        room = height - TOP - filled
        gap = min(room / len(column), 2 * GAP)
        y = TOP + (room - gap * (len(column) - 1)) / 2
        for place in column:
            top[place] = y
            y += max(balance.nodes[place].amount * scale, THINNEST) + gap
    return top


def _left(column: int, width: float) -> float:
    """Left edge of a column of nodes."""
    return (SIDE + 8.0, width / 2 - BAR / 2, width - SIDE - 8.0 - BAR)[column]


def _ribbons(
    balance: Balance, columns: list[list[int]], top: dict[int, float], scale: float, width: float, unit: str
) -> list[str]:
    """Bands between the nodes, stacked at both ends in the order of what they join."""
    nodes = balance.nodes
    rank = {place: number for column in columns for number, place in enumerate(column)}
    used = {(place, side): 0.0 for place in range(len(nodes)) for side in (0, 1)}
    begins: dict[tuple[int, int, int], float] = {}
    for side in (0, 1):  # at its start a band is placed by the rank of its end, and the other way round
        for start, end, amount, _ in sorted(balance.ribbons, key=lambda one: rank[one[0] if side else one[1]]):
            place = (start, end)[side]
            begins[start, end, side] = top[place] + used[place, side]
            used[place, side] += amount * scale
    parts = []
    for start, end, amount, material in sorted(balance.ribbons, key=lambda one: -one[2]):
        thick = max(amount * scale, THINNEST)
        y0, y1 = begins[start, end, 0], begins[start, end, 1]
        x0, x1 = _left(nodes[start].column, width) + BAR, _left(nodes[end].column, width)
        bend = (x0 + x1) / 2
        path = (
            f"M{at(x0)} {at(y0)}C{at(bend)} {at(y0)} {at(bend)} {at(y1)} {at(x1)} {at(y1)}V{at(y1 + thick)}"
            f"C{at(bend)} {at(y1 + thick)} {at(bend)} {at(y0 + thick)} {at(x0)} {at(y0 + thick)}Z"
        )
        told = text("sankey.ribbon", start=nodes[start].label, end=nodes[end].label, amount=with_unit(amount, unit))
        parts.append(
            f'<path class="ribbon" fill="{nodes[material].colour}" d="{path}"><title>{said(told)}</title></path>'
        )
    return parts


def _node(balance: Balance, place: int, top: float, scale: float, width: float, unit: str) -> list[str]:
    """A bar, and beside it its name and amount."""
    node = balance.nodes[place]
    tall = max(node.amount * scale, THINNEST)
    x = _left(node.column, width)
    amount = with_unit(node.amount, unit)
    room = SIDE if node.column != 1 else width / 2 - SIDE - 2 * BAR - 20.0
    told = f"{node.label}: {amount}"
    bar = (
        f'<rect x="{at(x)}" y="{at(top)}" width="{at(BAR)}" height="{at(tall)}" fill="{node.colour}">'
        f"<title>{said(told)}</title></rect>"
    )
    edge, anchor = (x - 6.0, "end") if node.column == 0 else (x + BAR + 6.0, "start")
    middle = top + tall / 2
    return [
        bar,
        line(edge, middle - 6.5, fitted(node.label, room, SIZE), anchor=anchor, kind="halo"),
        line(edge, middle + 6.5, amount, anchor=anchor, kind="halo soft"),
    ]


def _about(balance: Balance, unit: str) -> str:
    """The diagram in a few sentences, for those who can't see it."""
    nodes = balance.nodes
    largest = sorted(balance.ribbons, key=lambda one: -one[2])[:NAMED]
    flows = "; ".join(
        text("sankey.ribbon", start=nodes[start].label, end=nodes[end].label, amount=with_unit(amount, unit))
        for start, end, amount, _ in largest
    )
    return text("sankey.about", total=with_unit(balance.total, unit), flows=flows)

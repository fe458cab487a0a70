"""Numbers as a planner reads them: three or four digits that matter, thousands apart, units behind."""

from __future__ import annotations

import math

from isopt.views.language import digits, localised
from isopt.views.texts import text


def plain(value: float) -> str:
    """
    A number with the digits that matter.

    Parameters
    ----------
    value
        Any number; NaN gives a dash.

    Examples
    --------
    >>> [plain(x) for x in (0.0456, 3.14159, 61234.6, 1_234_567, -2.5e9)]
    ['0.0456', '3.14', '61,235', '1.23 million', '−2.5 billion']
    """
    if math.isnan(value):
        return text("number.none")
    size = abs(value)
    if math.isinf(size):
        written = "∞"
    elif size >= 999.5e6:
        written = text("number.billion", number=_short(size / 1e9))
    elif size >= 999_500:
        written = text("number.million", number=_short(size / 1e6))
    elif size >= 99.95:
        written = digits(size)
    else:
        written = _short(size)
    return f"−{written}" if value < 0 and written != "0" else written


def _short(size: float) -> str:
    if size == 0 or size < 1e-9:  # below the tolerance of any solver
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(size)))
    return localised(f"{size:,.{decimals}f}".rstrip("0").rstrip(".")) if decimals else digits(size)


def with_unit(value: float, unit: str) -> str:
    """
    A number and its unit.

    Parameters
    ----------
    value
        Any number; NaN gives a dash without unit.
    unit
        Behind the number; empty for a count.

    Examples
    --------
    >>> with_unit(1234, "t/yr"), with_unit(float("nan"), "t/yr"), with_unit(12, "")
    ('1,234 t/yr', '–', '12')
    """
    return plain(value) if math.isnan(value) or not unit else f"{plain(value)} {unit}"


def share(value: float | None) -> str:
    """
    A share as a percentage.

    Parameters
    ----------
    value
        Of one; None and NaN give a dash.

    Examples
    --------
    >>> share(0.1234), share(0.00004), share(1e-9), share(0.0)
    ('12 %', '0.004 %', 'below 0.001 %', '0 %')
    """
    if value is None or math.isnan(value):
        return text("number.none")
    percent = abs(value) * 100
    if 0 < percent < 0.001:
        return text("number.tiny", number=localised("0.001") + " %")
    written = f"{percent:.0f}" if percent >= 10 else f"{percent:.2g}" if percent else "0"
    return f"{'−' if value < 0 else ''}{localised(written)} %"

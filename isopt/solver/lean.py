"""
Pyomo without SciPy's statistics: importing this module first halves what a process loads before it can solve.

Pyomo imports ``scipy.stats`` and ``scipy.integrate`` as soon as anybody imports SciPy (``_finalize_scipy`` in
``pyomo.common.dependencies``), for models that isopt does not make. They take 0.7 s of 2.2 s (Python 3.11, SciPy 1.17).
Here they are called loaded while Pyomo looks; whoever imports them later gets the real ones.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

import scipy.sparse  # noqa: F401  SciPy is there before Pyomo, which then looks for its parts at once

__all__: list[str] = []

_UNUSED = [name for name in ("scipy.stats", "scipy.integrate") if name not in sys.modules]

for _name in _UNUSED:
    sys.modules[_name] = ModuleType(_name)
try:
    import_module("pyomo.common.dependencies")
finally:
    for _name in _UNUSED:
        del sys.modules[_name]

"""One module per group of phases; importing this enters them all, in the order of a run."""

from importlib import import_module

for name in ("reading", "ways", "model", "search", "study", "parallel", "output", "country"):
    import_module(f"{__name__}.{name}")

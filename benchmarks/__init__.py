"""How long isopt takes to build a model, hand it over and solve it, beside plain NumPy and linopy on the same model."""

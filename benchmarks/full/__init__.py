"""Regions whose model has rows of every constraint family, the same model without isopt, and its facts."""

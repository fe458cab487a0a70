"""From the Pyomo model to HiGHS and back."""

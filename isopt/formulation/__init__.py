"""The Pyomo model: variables, one function per constraint family, objective, and `build`."""

from isopt.formulation.families import FAMILIES
from isopt.formulation.model import build, rows_of
from isopt.formulation.rows import Objective, Rows, Variable
from isopt.formulation.variables import SYMBOLS, variables_of

__all__ = ["FAMILIES", "SYMBOLS", "Objective", "Rows", "Variable", "build", "rows_of", "variables_of"]

"""
A second, deliberately plain implementation of the contract's model.

It is written from the text of the contract alone, row by row in dictionaries, and shares no code with the engine
beyond the tables of a scenario: it applies `changes` and `[scale]` itself, finds the candidate links itself and
states the model to SciPy's solver. Slow and obvious is the point: where the two roads disagree, one of them misreads
the contract.
"""

from oracle.model import OracleResult, solve_oracle

__all__ = ["OracleResult", "solve_oracle"]

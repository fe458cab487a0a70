"""
The command line: an argument, one public call, a print.

``main`` is the console script ``isopt``. What is heavy (pandas, Pyomo, folium) is imported by the command that needs
it, so that ``isopt --help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from isopt.errors import IsoptError, ScenarioError

from .parser import parser

if TYPE_CHECKING:
    from argparse import Namespace

__all__ = ["main", "parser"]

BAD_INPUT = 2
BUG = 70  # EX_SOFTWARE of sysexits.h: none of the contract's codes, so that a bug is not taken for an answer
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run one command and say how it went.

    Parameters
    ----------
    argv
        Arguments after the program's name; those of the process if None.

    Returns
    -------
    code
        0 a solution (or: all is well), 1 an audit that fails, 2 bad input, 3 infeasible, 4 none found in time,
        130 interrupted.

    Examples
    --------
    >>> main(["solve", "no/such/folder"])
    2
    """
    arguments = parser().parse_args(argv)
    try:
        from . import commands

        return commands.run(arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # `isopt links FOLDER | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (IsoptError, OSError) as error:
        if arguments.debug:
            raise
        _tell(error, arguments)
        return BAD_INPUT
    except Exception as error:
        if arguments.debug:
            raise
        print(
            f"isopt has a bug, your input may be fine: {type(error).__name__}: {error}\n"
            "Run the same command with --debug and report what it prints.",
            file=sys.stderr,
        )
        return BUG


def _tell(error: Exception, arguments: Namespace) -> None:
    """Say all that is wrong with the input, as JSON too if that is what the caller reads."""
    text = str(error)
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    if getattr(arguments, "json", False):
        problems = error.problems if isinstance(error, ScenarioError) else ()
        print(json.dumps({"error": text, "problems": [vars_of(problem) for problem in problems]}, ensure_ascii=False))
    print(text, file=sys.stderr)


def vars_of(problem: object) -> dict[str, object]:
    """Turn a problem into what JSON can hold."""
    from dataclasses import asdict

    return asdict(problem)  # type: ignore[call-overload,no-any-return]

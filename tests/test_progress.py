"""Whoever waits sees how far it is, and Ctrl-C keeps what was found."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from transport import fixed_charge

from isopt.solver.highs import Progress, solve_form
from isopt.solver.progress import TerminalProgress, interruptible, progress_line

ROOT = Path(__file__).resolve().parents[1]

SOLVE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent in the background may have switched it off
from transport import fixed_charge
from isopt.solver.highs import solve_form
form = fixed_charge(40, 40)
print("ready", flush=True)
outcome = solve_form(form, time_limit=120)
print(outcome.status, outcome.interrupted, outcome.gap, outcome.seconds, flush=True)
"""


class Terminal(io.StringIO):
    """A stream that takes itself for a terminal."""

    def isatty(self) -> bool:
        return True


def solving(script: str = SOLVE) -> subprocess.Popen[str]:
    """Start a solve that would take minutes, in a process of its own; come back once it is under way."""
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to a child")
def test_ctrl_c_keeps_the_best_plan():
    """A real SIGINT in the middle of a solve that has minutes to go: the plan comes back at once, marked so."""
    process = solving()
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    status, interrupted, gap, seconds = out.split()

    assert (status, interrupted) == ("feasible", "True")
    assert 0 < float(gap) < 1
    assert 3 < float(seconds) < 15
    assert err == ""
    assert process.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to a child")
def test_a_second_ctrl_c_aborts():
    """Who presses twice wants out: KeyboardInterrupt, as in any Python program, and no crash of the solver's thread."""
    script = SOLVE.replace("solve_form(form,", "solve_form(form, on_progress=impatient,").replace(
        "form = ", "import os\nimpatient = lambda p: p.seconds > 1 and os.kill(os.getpid(), signal.SIGINT)\nform = "
    )
    out, err = solving(script).communicate(timeout=60)

    assert out == ""
    assert err.strip().endswith("KeyboardInterrupt")


def test_outside_the_main_thread_ctrl_c_is_left_alone():
    """Python delivers signals to the main thread only: elsewhere a solve runs without touching the handler."""
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def work() -> None:
        with interruptible() as pressed:
            seen.extend([signal.getsignal(signal.SIGINT), pressed.is_set()])
        seen.append(solve_form(fixed_charge(3, 3)).status)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert seen == [before, False, "optimal"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows raises SIGINT otherwise")
def test_the_first_press_is_an_event_and_the_second_an_exception():
    """And afterwards Ctrl-C is what it was."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with interruptible() as pressed:
            signal.raise_signal(signal.SIGINT)
            assert pressed.is_set()
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with pytest.raises(ZeroDivisionError), interruptible():
            raise ZeroDivisionError
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_programs_own_handler_stays():
    """A server that handles Ctrl-C in its own way goes on doing so."""

    def own(*_: object) -> None: ...

    before = signal.signal(signal.SIGINT, own)
    try:
        with interruptible():
            assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_line_appears_after_two_seconds_and_goes_when_done():
    """What is over in a moment needs no line; afterwards the terminal is as it was."""
    terminal = Terminal()
    with TerminalProgress(stream=terminal) as listener:
        listener(Progress(1.9, 100.0, 90.0, 0.1, 3, "search"))
        assert terminal.getvalue() == ""
        listener(Progress(2.1, 100.0, 90.0, 0.1, 3, "search"))
        assert "best plan 100" in terminal.getvalue()
        assert "gap 10.00 %" in terminal.getvalue()
    assert terminal.getvalue().endswith("\x1b[2K")  # the line is wiped


def test_nothing_is_shown_where_nobody_looks():
    """A log file, a pipe or --quiet gets no progress."""
    for stream, quiet in ((io.StringIO(), False), (Terminal(), True)):
        with TerminalProgress(stream=stream, quiet=quiet, delay_s=0) as listener:
            listener(Progress(100.0, 100.0, 90.0, 0.1, 3, "search"))
        assert stream.getvalue() == ""


def test_a_solve_shows_its_progress():
    """The listener fits the solver: stage, time, plan, bound and gap of a real solve reach the terminal."""
    terminal = Terminal()
    with TerminalProgress(stream=terminal, delay_s=0.2) as listener:
        outcome = solve_form(fixed_charge(40, 40), time_limit=1.5, on_progress=listener)

    assert outcome.status == "feasible"
    assert "search" in terminal.getvalue()
    assert f"proven {outcome.bound:,.0f}"[:10] in terminal.getvalue()


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(0.4, None, None, None, 0, "presolve"), "presolve  0 s   no plan yet"),
        (Progress(3, None, 1234.5, None, 0, "relaxation"), "relaxation  3 s   no plan yet   proven 1,234"),
        (Progress(61.2, 2e6, 1.9e6, 0.05, 1200, "search"), "gap 5.00 %   1,200 branches"),
    ],
)
def test_the_line_says_what_is_known(progress, line):
    """No number is invented: without a plan there is none, without a bound no gap."""
    assert progress_line(progress).endswith(line)


def test_progress_numbers_are_plain():
    """What a listener gets can go into JSON as it is."""
    heard: list[Progress] = []
    solve_form(fixed_charge(3, 3), on_progress=heard.append)

    assert {type(value) for value in vars(heard[-1]).values()} <= {float, int, str, type(None)}
    assert not any(isinstance(value, np.generic) for value in vars(heard[-1]).values())

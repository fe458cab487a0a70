"""Jobs that executors are tested with: in a module of their own, so that another process finds them."""

from __future__ import annotations

import os
import signal
import time

from isopt.errors import InputError
from isopt.solver.executors import Work


def prepared(common):
    """What a worker keeps at hand: the number it was given, and what it has done."""
    if common == "bad":
        raise InputError("nothing can be made of bad")
    if common == "deadly":
        os._exit(7)
    return {"base": common, "done": []}


def square(state, payload, stop):
    """A number's square above the base, with the process it was worked out in."""
    state["done"].append(payload)
    return state["base"] + payload**2, os.getpid(), len(state["done"])


def moody(state, payload, stop):
    """Do what it is told: die, fail, refuse, be unpicklable, wait, or answer."""
    if payload == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if payload == "leave":
        os._exit(3)
    if payload == "fail":
        raise ZeroDivisionError("by zero")
    if payload == "refuse":
        raise InputError("there is no such lever")
    if payload == "lambda":
        return lambda: None
    if payload == "wait":
        time.sleep(600)
    return payload


def asked(state, payload, stop):
    """Whether somebody wants it to stop."""
    return stop()


SQUARES = Work(100, prepared, square)
MOODS = Work(0, prepared, moody)

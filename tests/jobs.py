"""Jobs that executors are tested with: in a module of their own, so that another process finds them."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

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


SHARED_BY = []


def raised(common, stop):
    """What the jobs share, worked out once: one more than was given; who did it is noted."""
    SHARED_BY.append((os.getpid(), stop()))
    return common + 1


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


def environment(state, payload, stop):
    """What a name stands for in the environment."""
    return os.environ.get(payload)


def summed(state, size, stop):
    """A sum of products that a library with threads shares out: how, shows in the last digits."""
    import numpy as np

    draw = np.random.default_rng(1)
    square = draw.normal(size=(400, 400))
    return float(draw.normal(size=size) @ draw.normal(size=size)), float((square @ square).sum())


def patient(state, flag, stop):
    """Wait until there is a file, if one is named; which process did it."""
    deadline = time.perf_counter() + 60
    while flag and not Path(flag).exists() and not stop() and time.perf_counter() < deadline:
        time.sleep(0.01)
    return os.getpid()


PATIENT = Work(0, prepared, patient, here=True)
SQUARES = Work(100, prepared, square)
ABOVE = Work(100, prepared, square, share=raised)
MOODS = Work(0, prepared, moody)


@contextmanager
def dask_cluster():
    """A Dask cluster of two workers on this machine: the address of its scheduler."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        host="127.0.0.1",
        protocol="tcp://",
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        yield cluster.scheduler_address


def _run(bench, payload, stop):
    """A run as it is; what it needs is loaded by whoever does one."""
    from isopt.studies.runs import run_point

    return run_point(bench, payload, stop)


def slow_point(bench, payload, stop):
    """A run of a sweep that takes a fifth of a second longer and writes its name down before it begins."""
    with Path(os.environ["RUNS_BEGUN"]).open("a", encoding="utf-8") as log:
        log.write(payload[0] + "\n")
    deadline = time.perf_counter() + 0.2
    while time.perf_counter() < deadline and not stop():
        time.sleep(0.01)
    return _run(bench, payload, stop)


def deadly_point(bench, payload, stop):
    """A run that kills its process at a carbon price of 50."""
    if payload[1].at.get("carbon_price") == 50:
        os.kill(os.getpid(), signal.SIGKILL)
    return _run(bench, payload, stop)


def faulty_point(bench, payload, stop):
    """A run with a bug in it at a carbon price of 50."""
    if payload[1].at.get("carbon_price") == 50:
        raise ZeroDivisionError("a bug")
    return _run(bench, payload, stop)


def crew_job(common, number, _stop):
    """What the jobs share times a number, and who did it; zero is a bug."""
    if number == 0:
        return 1 / number
    return common * number, os.getpid()


def deadly_job(_common, _number, _stop):
    """End the process."""
    os._exit(3)

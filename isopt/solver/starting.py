"""
How a worker's process comes to be: quickly, deaf to Ctrl-C, without the program that wants it being read again.

Loading what a run needs takes one to two seconds, as long as many a run. Where the system can (Linux), one process
loads it while the program goes on, and workers are split off from it in a few milliseconds. It runs nothing, and has
solved nothing, so that nothing is split in the midst of work; its libraries (OpenBLAS, jemalloc) see their own idle
threads through a split (``pthread_atfork``), and a worker has as many of them as any process: sums come out the same to
the last digit. Elsewhere than on Linux each worker loads by itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from multiprocessing import get_context, resource_tracker
from multiprocessing.process import BaseProcess
from types import ModuleType
from typing import Any

__all__ = ["load_ahead", "started"]

#: What workers need, in this order; a module that can't be found is left to the worker.
MODULES = ("isopt.solver.lean", "isopt.studies.runs", "isopt.studies.searching")

_ONE_AT_A_TIME = threading.Lock()


def load_ahead() -> None:
    """
    Begin to load what workers need, in a process of its own, and return at once.

    To be called as soon as it is known that there will be workers. It ends with the program.
    """
    if not _splits():
        return
    from multiprocessing import forkserver

    get_context("forkserver").set_forkserver_preload(list(MODULES))
    with _ctrl_c_withheld(), contextlib.suppress(OSError):  # what is wrong shows as a worker starts
        forkserver.ensure_running()


def started(target: Callable[..., object], *args: Any) -> BaseProcess:
    """
    Start a process that ends with this one and does not hear Ctrl-C.

    Parameters
    ----------
    target
        A function at the top of a module; is given the environment as it is now, and what follows.
    args
        Anything that travels, ends of pipes too.
    """
    everything = (dict(os.environ), *args)
    if _splits():
        load_ahead()
        with contextlib.suppress(EOFError, OSError):  # the process to split from is gone
            return _begun("forkserver", target, everything)
    return _begun("spawn", target, everything)


def _begun(method: str, target: Callable[..., object], args: tuple[Any, ...]) -> BaseProcess:
    process: BaseProcess = get_context(method).Process(target=target, args=args, name="isopt worker", daemon=True)  # type: ignore[attr-defined]
    with _ctrl_c_withheld(), _program_hidden():
        process.start()
    return process


def _splits() -> bool:
    """Whether processes can be split here: elsewhere than on Linux, system libraries may not survive it."""
    return sys.platform == "linux" and "forkserver" in multiprocessing.get_all_start_methods()


@contextlib.contextmanager
def _program_hidden() -> Iterator[None]:
    """
    What is started here does not read the program's own file, as a new process of Python would.

    Workers are given what stands in modules only; so programs need no ``if __name__ == "__main__":``.
    """
    with _ONE_AT_A_TIME:
        program = sys.modules["__main__"]
        nameless = ModuleType("__main__")
        # whoever looks something up in the program meanwhile finds it, but not where it comes from
        nameless.__dict__.update(
            {name: it for name, it in vars(program).items() if name not in ("__file__", "__spec__")}
        )
        sys.modules["__main__"] = nameless
        try:
            yield
        finally:
            sys.modules["__main__"] = program


@contextlib.contextmanager
def _ctrl_c_withheld() -> Iterator[None]:
    """What is started here does not hear Ctrl-C, which a terminal sends to all processes at once."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which would let Ctrl-C through again if it came to be in between
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

"""The worker's side of many jobs: it keeps what all of them share and is told only what is different."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from isopt.errors import IsoptError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from isopt.solver.executors import Work

__all__ = ["Reply", "done", "never", "said", "serve"]


@dataclass(frozen=True)
class Reply:
    """
    What came of a job.

    Parameters
    ----------
    value
        Its result.
    failure
        Why there is none, in words.
    """

    value: Any = None
    failure: str | None = None


def done(work: Work, state: Any, payload: Any, stop: Callable[[], bool]) -> Reply:
    """
    Do one job; what goes wrong in it is its own failure and nobody else's.

    Parameters
    ----------
    work, state, payload
        What is done, what the worker keeps at hand, and what is different in this job.
    stop
        Says whether the job should stop.
    """
    try:
        return Reply(work.run(state, payload, stop))
    except Exception as error:  # noqa: BLE001  a job may fail in any way, and the others go on
        return Reply(failure=said(error))


def never() -> bool:
    """Say that nobody asks to stop."""
    return False


def said(error: BaseException) -> str:
    """
    Put an error into words.

    Examples
    --------
    >>> said(ZeroDivisionError("division by zero")), said(IsoptError("no such mode"))
    ('ZeroDivisionError: division by zero', 'no such mode')
    """
    if isinstance(error, IsoptError):
        return str(error)
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def serve(environment: Mapping[str, str], connection: Connection[Any, Any]) -> None:
    """
    Do jobs that come over a pipe until it is closed.

    Ctrl-C is the business of the process that hands jobs out; when that one is gone, however it ended, this one goes
    too, in the midst of a job.

    Parameters
    ----------
    environment
        Of the process that started this one, which may have changed since this one was loaded.
    connection
        The work comes first, then payloads; a reply goes back for each, the first one saying that all is ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()
    os.environ.update(environment)
    if "fork" in multiprocessing.get_all_start_methods():
        # Pyomo makes a lock as it is imported; for forked processes that has no name, which nobody would take back
        # from the resource tracker where this process is ended in the midst of a job (there are none in it)
        multiprocessing.set_start_method("fork", force=True)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        try:
            import_module("isopt.solver.lean")  # before the work brings everything else
            work: Work = pickle.loads(connection.recv_bytes())  # noqa: S301  from the process that started this one
            state = work.prepare(work.common)
        except EOFError:
            return
        except Exception as error:  # noqa: BLE001  whatever it is, it is told
            connection.send_bytes(pickle.dumps(Reply(failure=said(error))))
            return
        connection.send_bytes(pickle.dumps(Reply()))
        while True:
            payload = pickle.loads(connection.recv_bytes())  # noqa: S301
            connection.send_bytes(_packed(done(work, state, payload, never)))


def _packed(reply: Reply) -> bytes:
    """Pack a reply; a result that can't travel is a failure."""
    try:
        return pickle.dumps(reply, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001  pickle raises whatever the object does
        return pickle.dumps(Reply(failure=f"its result can't travel: {said(error)}"))


def _leave_with_parent() -> None:
    """End this process when the one that started it has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

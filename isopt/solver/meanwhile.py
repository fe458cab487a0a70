"""
What is done while workers start: jobs, in the process that waits for them.

So short work ends before they are there, and long work loses little to their start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from isopt.solver.worker import Reply, done

if TYPE_CHECKING:
    from isopt.solver.executors import Job, Work

__all__ = ["Arrivals", "Here"]

#: Seconds that a job done here has to end once it is told to.
LEAVE_S = 5.0

Arriving = TypeVar("Arriving")


class Here:
    """
    A worker that is no other process: it does jobs in a thread of this one, one at a time, until others are there.

    Parameters
    ----------
    work
        What is done; its jobs ask often whether to stop.
    """

    def __init__(self, work: Work) -> None:
        self.job: Job | None = None
        self._work, self._state = work, work.prepare(work.common)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._reply = Reply()
        self._retired = False
        self.connection: Connection[Any, Any]
        self.connection, self._theirs = Pipe(duplex=False)

    @property
    def free(self) -> bool:
        """Whether it waits for a job."""
        return not self._retired and self.job is None

    def give(self, job: Job) -> str:
        """Begin a job; its name is returned."""
        self.job = job
        self._thread = threading.Thread(target=self._do, args=(job.payload,), name="isopt job", daemon=True)
        self._thread.start()
        return job.name

    def _do(self, payload: Any) -> None:
        self._reply = done(self._work, self._state, payload, self._stop.is_set)
        self._theirs.send_bytes(b"done")

    def reply(self) -> Reply:
        """Take what came of the job."""
        self.connection.recv_bytes()
        self.job = None
        return self._reply

    def retire(self) -> bool:
        """Take no more jobs; says whether one is still under way, which goes on to its end."""
        self._retired = True
        return self.job is not None

    def dismiss(self) -> None:
        """Give up what is under way, and wait for it to end."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LEAVE_S)


class Arrivals(Generic[Arriving]):
    """
    Workers that come to be beside what this process does.

    Parameters
    ----------
    begin
        Starts them, which may take a while.
    dismiss
        Lets one go that nobody waits for any more.
    """

    def __init__(self, begin: Callable[[], list[Arriving]], dismiss: Callable[[Arriving], None]) -> None:
        self._begin, self._dismiss = begin, dismiss
        #: Whether they have been taken.
        self.over = False
        self._found: list[Arriving] = []
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self._unwanted = self._there = False
        self.connection: Connection[Any, Any]
        self.connection, self._theirs = Pipe(duplex=False)
        threading.Thread(target=self._work, name="isopt workers", daemon=True).start()

    def _work(self) -> None:
        try:
            found = self._begin()
        except BaseException as failure:  # noqa: BLE001  raised again where they are waited for
            self._failure, found = failure, []
        with self._lock:
            self._found, self._there = found, True
            unwanted = self._unwanted
        if unwanted:
            for worker in found:
                self._dismiss(worker)
        else:
            self._theirs.send_bytes(b"there")

    def take(self) -> list[Arriving]:
        """
        Take those that are there: all of them, once; none before.

        Raises
        ------
        Exception
            Why they could not be started.
        """
        with self._lock:
            if not self._there or self.over:
                return []
            self.over = True
            if self._failure is not None:
                raise self._failure
            found, self._found = self._found, []
            return found

    def cancel(self) -> None:
        """Want them no more."""
        with self._lock:
            self._unwanted = True
            there, self._found = self._found, []
        for worker in there:
            self._dismiss(worker)

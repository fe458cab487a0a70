"""Workers that stay from one list of jobs to the next."""

from __future__ import annotations

import pickle
from collections.abc import Sized
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from isopt.errors import IsoptError
from isopt.solver.executors import BEAT_S, Beat, Begun, Ended, Job, Waiting, Work, Worker, workers_begun
from isopt.solver.starting import load_ahead

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from isopt.solver.executors import Event, Jobs

__all__ = ["Crew"]

#: Name of the message that carries what the jobs of a call share.
_SHARED = "(what the jobs share)"


class Crew:
    """
    Processes of this machine that stay between calls: an executor for many short lists of jobs, such as rounds.

    A process takes a moment to start; with a crew it does so once. What jobs of a call share is sent to each
    worker at its first job of the call.

    Parameters
    ----------
    workers
        Processes at most.
    """

    def __init__(self, workers: int) -> None:
        self._count = workers
        self._crew: list[Worker] = []
        if workers > 1:
            load_ahead()

    def __call__(self, work: Work, jobs: Jobs) -> Generator[Event]:
        """Do jobs; what is yielded is what `in_processes` yields."""
        waiting = Waiting(jobs)
        work = work.shared() if waiting else work
        told: set[Worker] = set()
        hands = min(self._count, len(jobs)) if isinstance(jobs, Sized) else self._count
        try:
            while any(worker.job for worker in told) or waiting:
                if waiting:
                    self._fill(hands)
                for worker in [worker for worker in self._crew if worker.free and waiting]:
                    if worker not in told:
                        told.add(worker)
                        worker.give(Job(_SHARED, (True, work)))
                    elif (job := waiting.take()) is not None:
                        yield Begun(worker.give(Job(job.name, (False, job.payload))))
                ready = wait([worker.connection for worker in self._crew], timeout=BEAT_S)
                yield from self._news(ready) if ready else [Beat()]
        finally:
            for worker in self._crew:
                if worker.job is not None:
                    worker.dismiss()
            self._crew = [worker for worker in self._crew if worker.alive]

    def _news(self, ready: list[Any]) -> Iterator[Ended]:
        """Take what workers say; that one has what the jobs share, or has started, is no news for others."""
        for worker in [worker for worker in self._crew if worker.connection in ready]:
            job, reply = worker.job, worker.reply()
            if job is None:
                continue
            if job.name != _SHARED:
                yield Ended(job.name, reply.value, reply.failure)
            elif reply.failure is not None and worker.alive:
                raise IsoptError(f"a worker can't begin: {reply.failure}")
        self._crew = [worker for worker in self._crew if worker.alive]

    def _fill(self, count: int) -> None:
        """Start workers in the place of those that are gone."""
        nothing = pickle.dumps(Work(None, _no_work, _shared_or_done), protocol=pickle.HIGHEST_PROTOCOL)
        self._crew += workers_begun(count - len(self._crew), nothing)

    def close(self) -> None:
        """Let all workers go."""
        for worker in self._crew:
            worker.dismiss()


def _no_work(_: None) -> list[Any]:
    """A worker of a crew begins with nothing at hand."""
    return []


def _shared_or_done(held: list[Any], payload: tuple[bool, Any], stop: Callable[[], bool]) -> Any:
    """Take what the jobs of a call share in the place of what was shared before, or do one of them."""
    shared, content = payload
    if shared:
        held[:] = [content, content.prepare(content.common)]
        return None
    work, state = held
    return work.run(state, content, stop)

"""
Many jobs of one kind: one after another, in processes of this machine, or on a Dask cluster; the same code for all.

What the jobs share is sent to each worker once; a job itself carries only what is different. Jobs are begun in the
order given; what comes of one does not depend on which worker takes it. HiGHS keeps one scheduler for a whole process,
so a worker does one job at a time.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from isopt.errors import InputError, IsoptError
from isopt.solver.meanwhile import Arrivals, Here
from isopt.solver.starting import load_ahead, started
from isopt.solver.worker import Reply, done, never, serve

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = [
    "Beat", "Begun", "Ended", "Event", "Executor", "Job", "Jobs", "Waiting", "Work", "Worker",
    "executor", "in_processes", "in_turn", "workers_begun",
]  # fmt: skip

#: Seconds without news after which a `Beat` is given, so that whoever waits can look up.
BEAT_S = 0.2
#: Seconds that a worker without work has to leave by itself.
LEAVE_S = 2.0


@dataclass(frozen=True)
class Work:
    """
    What a worker does; both functions stand at the top of a module, so that another process finds them.

    Parameters
    ----------
    common
        What all jobs share.
    prepare
        Makes of it, once per worker, what the worker keeps at hand.
    run
        Does one job: is given what is at hand, the job's payload, and a function that says whether to stop.
    share
        Does once, before the first job and while workers start, what each of them would otherwise do for itself: is
        given ``common`` and a function that says whether to stop; what it returns takes the place of ``common``.
    here
        Whether the process that hands jobs out may do some, in a thread, as long as workers start: for jobs that are
        often short, ask often whether to stop, and are of no use any more where one of them ends its process.
    """

    common: Any
    prepare: Callable[[Any], Any]
    run: Callable[[Any, Any, Callable[[], bool]], Any]
    share: Callable[[Any, Callable[[], bool]], Any] | None = None
    here: bool = False

    def shared(self, stop: Callable[[], bool] | None = None) -> Work:
        """Return the work as it travels to workers; ``stop`` is asked on the way."""
        if self.share is None:
            return self
        return replace(self, common=self.share(self.common, never if stop is None else stop), share=None)


@dataclass(frozen=True)
class Job:
    """
    One job.

    Parameters
    ----------
    name
        What events call it.
    payload
        What is different in it.
    """

    name: str
    payload: Any


@dataclass(frozen=True)
class Begun:
    """A job was begun, or is next at a worker."""

    name: str


@dataclass(frozen=True)
class Ended:
    """
    A job has ended.

    Parameters
    ----------
    name
        Of the job.
    value
        What came of it.
    failure
        Why nothing did, in words; None where all is well.
    """

    name: str
    value: Any = None
    failure: str | None = None


@dataclass(frozen=True)
class Beat:
    """Nothing new."""


Event = Begun | Ended | Beat
#: Jobs, all known before or made as others end: None says that there is none just now, but may be one later.
Jobs = Iterable["Job | None"]
#: Does jobs and tells what happens; closing it gives up what is under way.
Executor = Callable[[Work, Jobs], "Generator[Event]"]


def executor(workers: int = 1, dask: str | None = None, *, stop: Callable[[], bool] | None = None) -> Executor:
    """
    Choose how jobs are done.

    Parameters
    ----------
    workers
        Processes of this machine; with one, jobs are done in this process.
    dask
        Address of the scheduler of a Dask cluster, such as ``tcp://10.0.0.5:8786``, in place of processes.
    stop
        Asked from within a job in this process, and from what is done before the first one; elsewhere a job is given
        up by closing the iterator.

    Raises
    ------
    InputError
        If there is no worker at all.

    Examples
    --------
    >>> work = Work(10, prepare=int, run=lambda ten, job, _: ten * job)
    >>> events = executor()(work, [Job("three", 3)])
    >>> [event.value for event in events if isinstance(event, Ended)]
    [30]
    """
    if workers < 1 or workers != int(workers):
        raise InputError(f"workers is a whole number of at least 1, not {workers}")
    if dask is not None:
        from isopt.solver.cluster import on_cluster

        return lambda work, jobs: on_cluster(work, jobs, dask, stop)
    if workers > 1:
        return lambda work, jobs: in_processes(work, jobs, workers, stop)
    return lambda work, jobs: in_turn(work, jobs, stop)


def in_turn(work: Work, jobs: Jobs, stop: Callable[[], bool] | None = None) -> Generator[Event]:
    """
    Do jobs one after another in this process.

    Parameters
    ----------
    work
        What is done.
    jobs
        Are done in this order; may be made as others end.
    stop
        Handed to each job, which may ask it now and then.

    Yields
    ------
    event
        `Begun` and `Ended` for each job.
    """
    state: Any = None
    prepared = False
    for job in jobs:
        if job is None:  # nothing is under way here that one could wait for
            return
        if not prepared:
            work = work.shared(stop)
            state, prepared = work.prepare(work.common), True
        yield Begun(job.name)
        reply = done(work, state, job.payload, never if stop is None else stop)
        yield Ended(job.name, reply.value, reply.failure)


def in_processes(work: Work, jobs: Jobs, workers: int, stop: Callable[[], bool] | None = None) -> Generator[Event]:
    """
    Do jobs in processes of this machine; while these start, in this one too, if the work may be done here.

    A worker that dies (killed, out of memory) takes its job with it, which ends with a failure that says so; another
    worker takes its place.

    Parameters
    ----------
    work
        What is done; travels to each worker once.
    jobs
        Are begun in this order; may be made as others end.
    workers
        Processes at most.
    stop
        Handed to what is done here before the first job.

    Yields
    ------
    event
        `Begun` and `Ended` for each job, `Beat` where nothing happens.

    Raises
    ------
    IsoptError
        If a worker can't be started.
    """
    waiting = Waiting(jobs)
    if not waiting:
        return
    load_ahead()
    work = work.shared(stop)
    data = pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL)
    hands = min(workers, len(jobs)) if isinstance(jobs, Sized) else workers
    coming = Arrivals(lambda: workers_begun(hands, data), Worker.dismiss)
    crew: list[Worker] = []
    here: list[Here] = []
    try:
        here += [Here(work)] if work.here else []
        while waiting or any(one.job for one in _all(crew, here)):
            crew += coming.take()
            for one in _all(crew, here):
                at_work = sum(each.job is not None for each in _all(crew, here))
                if one.free and at_work < hands and (job := waiting.take()) is not None:
                    yield Begun(one.give(job))
            yield from _news(_all(crew, here), coming)
            lost = sum(not worker.alive for worker in crew) if waiting else 0
            crew = [worker for worker in crew if worker.alive] + workers_begun(lost, data)
            if coming.over and all(worker.ready for worker in crew):
                here = [one for one in here if one.retire()]
    finally:
        coming.cancel()
        for one in _all(crew, here):
            one.dismiss()


def _all(crew: list[Worker], here: list[Here]) -> list[Worker | Here]:
    return [*crew, *here]


def _news(team: Sequence[Worker | Here], coming: Arrivals[Worker]) -> Iterator[Event]:
    """Wait for what whoever has a job says, or for workers to be there."""
    ready = wait([one.connection for one in team] + ([] if coming.over else [coming.connection]), timeout=BEAT_S)
    if not ready:
        yield Beat()
    for one in team:
        if one.connection in ready:
            told, reply = one.job, one.reply()
            if told is not None:
                yield Ended(told.name, reply.value, reply.failure)


class Waiting:
    """
    Jobs that nobody has taken yet, at most one of them looked up in advance.

    Parameters
    ----------
    jobs
        In the order in which they are taken.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = iter(jobs)
        self._next: Job | None = None
        self._more = True

    def __bool__(self) -> bool:
        """Whether there is a job, or may be one later."""
        self._look()
        return self._more

    def _look(self) -> None:
        if self._next is None and self._more:
            try:
                self._next = next(self._jobs)
            except StopIteration:
                self._more = False

    def take(self) -> Job | None:
        """Take the next job; None where there is none just now."""
        self._look()
        job, self._next = self._next, None
        return job


class Worker:
    """A process that does jobs, seen from the one that hands them out."""

    def __init__(self) -> None:
        self.connection: Connection[Any, Any]
        self.connection, theirs = Pipe()
        self.process = started(serve, theirs)
        theirs.close()  # so that the end of the process is the end of the pipe
        self.job: Job | None = None
        self.alive, self.ready = True, False

    @property
    def free(self) -> bool:
        """Whether it waits for a job."""
        return self.alive and self.ready and self.job is None

    def tell(self, data: bytes) -> None:
        """Send bytes over."""
        with contextlib.suppress(OSError):  # it has died just now, which its pipe tells next
            self.connection.send_bytes(data)

    def give(self, job: Job) -> str:
        """Hand a job over; its name is returned."""
        self.job = job
        self.tell(pickle.dumps(job.payload, protocol=pickle.HIGHEST_PROTOCOL))
        return job.name

    def reply(self) -> Reply:
        """Take what the worker says, which may be that it is ready, or nothing any more."""
        try:
            data = self.connection.recv_bytes()
        except (EOFError, OSError):
            return self._lost()
        reply: Reply = pickle.loads(data)  # noqa: S301  from our own process, over a pipe that nobody else holds
        if not self.ready and reply.failure is not None:
            self.dismiss()
            raise IsoptError(f"a worker can't begin: {reply.failure}")
        self.job, self.ready = None, True
        return reply

    def _lost(self) -> Reply:
        self.process.join(LEAVE_S)
        code = self.process.exitcode
        self.job, self.alive = None, False
        self.connection.close()
        if not self.ready:
            raise IsoptError(f"a worker ended while it was starting ({_ending(code)})")
        return Reply(failure=f"its worker died ({_ending(code)})")

    def dismiss(self) -> None:
        """Let the worker go: at once where it is busy."""
        if not self.alive:
            return
        self.alive = False
        self.connection.close()
        if self.job is not None or not self.ready:
            self.process.terminate()
        self.process.join(LEAVE_S)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()


def workers_begun(count: int, work: bytes) -> list[Worker]:
    """Start workers, all of them before the first is told what is done."""
    begun = [Worker() for _ in range(count)]
    for worker in begun:
        worker.tell(work)
    return begun


def _ending(code: int | None) -> str:
    """
    Say how a process ended.

    Examples
    --------
    >>> _ending(-9), _ending(3)
    ('signal 9: killed, perhaps for want of memory', 'exit code 3')
    """
    if code is not None and code < 0:
        return f"signal {-code}" + (": killed, perhaps for want of memory" if code == -9 else "")
    return f"exit code {code}"

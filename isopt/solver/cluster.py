"""Many jobs on a Dask cluster that is there already."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Generator
from importlib import import_module
from queue import Empty, Queue
from typing import Any

from isopt.errors import InputError
from isopt.solver.executors import BEAT_S, Beat, Begun, Ended, Event, Job, Jobs, Waiting, Work
from isopt.solver.worker import Reply, done, never, said

__all__ = ["on_cluster"]

#: Seconds that a scheduler has to answer.
CONNECT_S = 10
#: Seconds in which its first worker has to be there.
WORKERS_S = 30
#: Jobs per worker that are handed over before one has ended, so that no worker waits for its next one.
AHEAD = 2
#: One job at a time in a process, whatever number of threads the cluster gives it: HiGHS keeps one scheduler per
#: process, and Pyomo's models are not made for threads.
_ONE_AT_A_TIME = threading.Lock()
#: What this worker keeps at hand, by the token of the work; only the last one is kept.
_AT_HAND: dict[str, Any] = {}


def on_cluster(work: Work, jobs: Jobs, address: str, stop: Callable[[], bool] | None = None) -> Generator[Event]:
    """
    Do jobs on a Dask cluster.

    Parameters
    ----------
    work
        What is done; travels to each worker once and stays there until the next work comes.
    jobs
        Are begun in this order.
    address
        Of the scheduler, such as ``tcp://10.0.0.5:8786``. The workers need the same versions of Python and isopt.
    stop
        Handed to what is done here before the first job.

    Yields
    ------
    event
        `Begun` (handed to the cluster) and `Ended` for each job, `Beat` where nothing happens. Dask gives the job of a
        worker that died to another one, a few times.

    Raises
    ------
    InputError
        If Dask is not installed or no scheduler answers.
    """
    distributed = _distributed()
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"no Dask scheduler answers at {address}: {error}") from error
    waiting = Waiting(jobs)
    begun = 0
    running: dict[Any, Job] = {}
    ended: Queue[Any] = Queue()
    token = uuid.uuid4().hex
    try:
        _require_workers(client, address)
        kept = client.scatter(work.shared(stop), broadcast=True, hash=False) if waiting else None
        while running or waiting:
            ahead = AHEAD * max(1, len(client.nthreads()))
            while len(running) < ahead and (job := waiting.take()) is not None:
                begun += 1
                future = client.submit(on_worker, token, kept, job.payload, pure=False, priority=-begun)
                running[future] = job
                future.add_done_callback(ended.put)
                yield Begun(job.name)
            try:
                future = ended.get(timeout=BEAT_S)
            except Empty:
                yield Beat()
                continue
            ended_job, reply = running.pop(future), _reply(future)
            yield Ended(ended_job.name, reply.value, reply.failure)
    finally:
        client.cancel(list(running))
        client.close()


def _distributed() -> Any:
    """Import Dask's client, which is not part of every installation."""
    try:
        return import_module("distributed")
    except ImportError as error:
        raise InputError(
            'a Dask cluster needs the package distributed: pip install "isopt[cluster]", here and on its workers'
        ) from error


def _require_workers(client: Any, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError as error:
        raise InputError(f"the Dask cluster at {address} has no workers") from error


def on_worker(token: str, work: Work, payload: Any) -> Reply:
    """
    Do one job, in a worker of the cluster.

    Parameters
    ----------
    token
        Of the work: what was prepared for it is kept.
    work
        What is done.
    payload
        What is different in this job.
    """
    with _ONE_AT_A_TIME:
        if token not in _AT_HAND:
            _AT_HAND.clear()
            _AT_HAND[token] = work.prepare(work.common)
        return done(work, _AT_HAND[token], payload, never)


def _reply(future: Any) -> Reply:
    """What came of a job that the cluster has done with."""
    if future.status == "finished":
        reply: Reply = future.result()
        return reply
    error = future.exception() if future.status == "error" else None
    if error is None:
        return Reply(failure=f"the cluster gave it up ({future.status})")
    if type(error).__name__ == "KilledWorker":
        return Reply(failure="its worker died, and so did others that were given it")
    return Reply(failure=said(error))

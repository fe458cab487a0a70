"""Many jobs, one after another, in processes or on a Dask cluster: the same answers, and whoever dies is named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from jobs import (
    ABOVE,
    MOODS,
    PATIENT,
    SHARED_BY,
    SQUARES,
    asked,
    crew_job,
    dask_cluster,
    deadly_job,
    environment,
    prepared,
    square,
    summed,
)

from isopt.errors import InputError, IsoptError
from isopt.solver import starting
from isopt.solver.crew import Crew
from isopt.solver.executors import Beat, Begun, Ended, Job, Work, executor, in_processes, in_turn

TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def dask():
    """Address of a Dask cluster of two workers on this machine."""
    with dask_cluster() as address:
        yield address


def jobs(*payloads):
    """Jobs named by their number."""
    return [Job(str(number), payload) for number, payload in enumerate(payloads)]


def answers(events):
    """What ended, by name: the value, or the failure."""
    return {event.name: event.failure or event.value for event in events if isinstance(event, Ended)}


@pytest.mark.parametrize("how", ["here", "processes", "dask"])
def test_all_executors_give_the_same_answers(how, request):
    """Nine squares above 100, whoever works them out; each is said to begin before it ends, and once."""
    dask = request.getfixturevalue("dask") if how == "dask" else None
    work = executor(2 if how == "processes" else 1, dask)
    events = [event for event in work(SQUARES, jobs(*range(9))) if not isinstance(event, Beat)]

    assert {name: value[0] for name, value in answers(events).items()} == {str(n): 100 + n * n for n in range(9)}
    begun = [event.name for event in events if isinstance(event, Begun)]
    assert begun == [str(n) for n in range(9)]
    assert all(events.index(Begun(event.name)) < events.index(event) for event in events if isinstance(event, Ended))
    assert len(events) == 18


@pytest.mark.parametrize("how", ["here", "processes", "crew", "dask"])
def test_what_workers_share_is_worked_out_once_by_whoever_hands_out_jobs(how, request):
    """Squares above one more than 100, which is found once, in this process; where there are no jobs, not at all."""
    SHARED_BY.clear()
    dask = request.getfixturevalue("dask") if how == "dask" else None
    with closing(Crew(2)) as crew:
        work = crew if how == "crew" else executor(2 if how == "processes" else 1, dask)

        assert list(work(ABOVE, [])) == []
        assert SHARED_BY == []
        assert {value[0] for value in answers(work(ABOVE, jobs(0, 1, 2))).values()} == {101, 102, 105}
        assert [(os.getpid(), False)] == SHARED_BY


def test_short_work_ends_here_before_workers_are_there():
    """Three jobs of no time are done by this process, one after another: nobody waits for workers."""
    assert answers(in_processes(PATIENT, jobs("", "", ""), 2)) == dict.fromkeys("012", os.getpid())


def test_what_was_begun_here_is_ended_here_and_others_do_the_rest(tmp_path):
    """One job lasts until all others are done, by workers then; never are more than two under way."""
    flag = tmp_path / "done"
    at_work, most, where = set(), 0, {}
    for event in in_processes(PATIENT, iter(jobs(str(flag), *[""] * 6)), 2):
        at_work |= {event.name} if isinstance(event, Begun) else set()
        most = max(most, len(at_work))
        if isinstance(event, Ended):
            at_work.remove(event.name)
            where[event.name] = event.value
        if len(where) == 6:
            flag.touch()

    assert most == 2
    assert where.pop("0") == os.getpid()
    assert set(where) == set("123456")
    assert os.getpid() not in where.values()


def test_closing_ends_what_is_done_here(tmp_path):
    """Whoever stops early leaves no thread at work."""
    events = in_processes(PATIENT, jobs(str(tmp_path / "never"), ""), 2)
    assert next(events) == Begun("0")
    events.close()

    assert "isopt job" not in {thread.name for thread in threading.enumerate()}


def test_where_processes_cannot_be_split_workers_load_by_themselves(monkeypatch):
    """Elsewhere than on Linux each worker is a new process of Python, which says the same."""
    monkeypatch.setattr(starting, "_splits", lambda: False)
    found = answers(in_processes(SQUARES, jobs(0, 1, 2), 2))

    assert {value[0] for value in found.values()} == {100, 101, 104}
    assert all(value[1] != os.getpid() for value in found.values())


def test_sums_are_the_same_to_the_last_digit_in_workers():
    """A product of 300,000 numbers and one of two matrices, which NumPy's library works out with several threads."""
    work = Work(0, prepared, summed)

    assert answers(in_processes(work, jobs(300_000, 20_000), 2)) == answers(in_turn(work, jobs(300_000, 20_000)))


def test_a_worker_has_the_environment_of_now(monkeypatch):
    """What is set after the first workers were loaded is there, what is removed is gone."""
    list(in_processes(SQUARES, jobs(1), 1))
    monkeypatch.setenv("ISOPT_MOOD", "fine")
    monkeypatch.delenv("HOME", raising=False)

    assert answers(in_processes(Work(0, prepared, environment), jobs("ISOPT_MOOD", "HOME"), 1)) == {
        "0": "fine",
        "1": None,
    }


def test_a_worker_does_not_load_what_no_run_needs():
    """Pyomo would bring SciPy's statistics along; whoever asks for them later gets them."""
    program = """
import sys
import isopt.solver.lean, isopt.studies.runs
print([name for name in ("scipy.stats", "scipy.integrate", "matplotlib", "folium", "geopandas") if name in sys.modules])
import scipy.stats
print(scipy.stats.norm.cdf(0.0))
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split("\n")[:2] == ["[]", "0.5"]


@pytest.mark.parametrize("how", ["here", "processes"])
def test_jobs_may_follow_from_what_has_ended(how):
    """Squares of squares: after 2 comes 104, known only once 2 has ended; in between there is nothing to begin."""
    ended = {}

    def following():
        yield Job("0", 2)
        while "0" not in ended:
            yield None
        yield Job("1", ended["0"])

    for event in executor(2 if how == "processes" else 1)(SQUARES, following()):
        if isinstance(event, Ended):
            ended[event.name] = event.value[0]

    assert ended == {"0": 104, "1": 100 + 104 * 104}


def test_each_worker_is_told_the_common_part_once():
    """Twelve jobs in two processes other than this one: each keeps its own list of what it has done."""
    found = answers(in_processes(SQUARES, jobs(*range(12)), 2)).values()
    pids = {pid for _, pid, _ in found}

    assert os.getpid() not in pids
    assert len(pids) <= 2  # the first may have done it all before the second had started
    assert sum(max(count for _, pid, count in found if pid == one) for one in pids) == 12


def test_no_jobs_need_no_worker():
    """Nothing to do is done at once, and nothing is prepared for it."""
    assert list(in_turn(Work("bad", prepared, square), [])) == []
    assert list(in_processes(SQUARES, [], 4)) == []


@pytest.mark.parametrize(("payload", "said"), [("die", "signal 9"), ("leave", "exit code 3")])
def test_a_worker_that_dies_names_its_job_and_the_others_go_on(payload, said):
    """One of six jobs kills its process: it alone fails, and says how the process ended."""
    found = answers(in_processes(MOODS, jobs(1, payload, 3, 4, 5, 6), 2))

    assert "its worker died" in found.pop("1")
    assert found == {"0": 1, "2": 3, "3": 4, "4": 5, "5": 6}
    assert said in answers(in_processes(MOODS, jobs(payload), 2))["0"]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize(
    ("payload", "said"), [("fail", "ZeroDivisionError: by zero"), ("refuse", "there is no such lever")]
)
def test_a_job_that_fails_is_named_with_the_reason(workers, payload, said):
    """An error is the failure of one job, in words: a refusal as it stands, a bug with its kind."""
    assert answers(executor(workers)(MOODS, jobs(1, payload, 3))) == {"0": 1, "1": said, "2": 3}


def test_a_result_that_cannot_travel_is_a_failure():
    """What can't be pickled fails with the reason; the worker lives on."""
    found = answers(in_processes(MOODS, jobs("lambda", 2), 1))

    assert found.pop("0").startswith("its result can't travel: ")
    assert found == {"1": 2}


def test_a_job_on_the_cluster_that_fails_is_named_with_the_reason(dask):
    """As in a process."""
    found = answers(executor(dask=dask)(MOODS, jobs(1, "fail", "refuse")))

    assert found == {"0": 1, "1": "ZeroDivisionError: by zero", "2": "there is no such lever"}


def test_a_worker_that_cannot_begin_says_why():
    """What can't be prepared is no failure of a job: nothing works."""
    with pytest.raises(IsoptError, match="a worker can't begin: nothing can be made of bad"):
        list(in_processes(Work("bad", prepared, square), jobs(1, 2), 2))
    with pytest.raises(IsoptError, match=r"ended while it was starting \(exit code 7\)"):
        list(in_processes(Work("deadly", prepared, square), jobs(1, 2), 2))


def test_closing_gives_up_what_is_under_way():
    """Two jobs of ten minutes are given up within seconds, and their processes are gone."""
    import multiprocessing

    events = in_processes(MOODS, jobs("wait", "wait", 3), 2)
    began = 0
    while began < 2:
        began += isinstance(next(events), Begun)
    start = time.perf_counter()
    events.close()

    assert time.perf_counter() - start < 5
    assert multiprocessing.active_children() == []


def test_a_job_in_this_process_may_ask_whether_to_stop():
    """The function that the caller gave is what the job asks; elsewhere nobody asks it to stop."""
    work = Work(0, prepared, asked)

    assert answers(executor(stop=lambda: True)(work, jobs(0))) == {"0": True}
    assert answers(executor()(work, jobs(0))) == {"0": False}


@pytest.mark.parametrize("workers", [0, -1, 1.5])
def test_no_worker_at_all_is_refused(workers):
    """Half a worker too."""
    with pytest.raises(InputError, match="a whole number of at least 1"):
        executor(workers)


def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    """Nobody listens there, and what is no address is none."""
    pytest.importorskip("distributed", reason="Dask is not installed")
    from isopt.solver import cluster

    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    for address in ("tcp://127.0.0.1:9", "no address"):
        with pytest.raises(InputError, match=f"no Dask scheduler answers at {address}"):
            list(executor(dask=address)(SQUARES, jobs(1)))


def test_without_dask_the_extra_is_named(monkeypatch):
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r'pip install "isopt\[cluster\]"'):
        list(executor(dask="tcp://127.0.0.1:8786")(SQUARES, jobs(1)))


def test_workers_go_with_a_killed_parent(tmp_path):
    """
    After SIGKILL of whoever hands jobs out, its workers end by themselves, in the midst of ten minutes' work.

    So does the process that they were split off from. The program is read once, though nothing guards it.
    """
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import sys
            sys.path.insert(0, {str(TESTS)!r})
            from jobs import MOODS
            from isopt.solver.executors import Begun, Job, in_processes
            import multiprocessing

            for event in in_processes(MOODS, [Job("a", "wait"), Job("b", "wait")], 2):
                if isinstance(event, Begun) and event.name == "b":
                    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
            """
        ),
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        pids = [*workers, *begun_by(parent.pid)]
        parent.send_signal(signal.SIGKILL)
    deadline = time.perf_counter() + 10
    while any(running(pid) for pid in pids) and time.perf_counter() < deadline:
        time.sleep(0.05)

    assert len(workers) == 2
    assert not any(running(pid) for pid in pids)


def begun_by(pid):
    """Processes that a process has begun by itself."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]) == pid:
                found.append(int(path.parent.name))
    return found


def running(pid):
    """Whether a process is there and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_a_crew_stays_from_one_list_of_jobs_to_the_next():
    """Two lists with different things in common are done by the same two processes; a job that fails ends alone."""
    with closing(Crew(2)) as crew:
        first = {event.name: event for event in crew(Work(10, int, crew_job), jobs_of(4)) if isinstance(event, Ended)}
        second = {event.name: event for event in crew(Work(20, int, crew_job), jobs_of(4)) if isinstance(event, Ended)}

    assert [first[str(n)].value[0] for n in (1, 2, 3)] == [10, 20, 30]
    assert [second[str(n)].value[0] for n in (1, 2, 3)] == [20, 40, 60]
    assert "ZeroDivisionError" in first["0"].failure
    ids = {event.value[1] for event in (*first.values(), *second.values()) if event.value}
    assert len(ids) <= 2
    assert os.getpid() not in ids


def test_a_crew_replaces_who_died_and_who_was_left_at_work():
    """A worker that dies takes its job with it; the next list finds others in its place."""
    with closing(Crew(2)) as crew:
        ended = [event for event in crew(Work(1, int, deadly_job), jobs_of(2)) if isinstance(event, Ended)]
        again = [event for event in crew(Work(3, int, crew_job), jobs_of(3)) if isinstance(event, Ended)]
        left = crew(Work(3, int, crew_job), jobs_of(3))
        next(left)
        left.close()
        last = [event for event in crew(Work(5, int, crew_job), jobs_of(3)) if isinstance(event, Ended)]

    assert all("died" in event.failure for event in ended)
    assert sorted(event.value[0] for event in again if event.value) == [3, 6]
    assert sorted(event.value[0] for event in last if event.value) == [5, 10]


def jobs_of(count):
    """Numbers as jobs."""
    return [Job(str(number), number) for number in range(count)]

"""Ctrl-C during a solve, and the line in the terminal that says how far it is."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType, TracebackType

    from isopt.solver.outcome import Progress

#: A solve shorter than this needs no progress line.
DELAY_S = 2.0


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """
    Turn the first Ctrl-C into an event and let the second one raise ``KeyboardInterrupt``.

    Outside the main thread, where Python delivers no signals, and where the program handles Ctrl-C in its own way,
    nothing changes and the event stays unset.

    Yields
    ------
    pressed
        Set by the first Ctrl-C.
    """
    pressed = threading.Event()
    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if not ours:
        yield pressed
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if pressed.is_set():
            signal.default_int_handler(number, frame)
        pressed.set()

    signal.signal(signal.SIGINT, handle)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def progress_line(progress: Progress) -> str:
    """
    Say in one line how far a solve is.

    Examples
    --------
    >>> from isopt.solver.outcome import Progress
    >>> progress_line(Progress(12.3, 2_903_940.6, 2_887_273.2, 0.00574, 15, "search"))
    'search  12 s   best plan 2,903,941   proven 2,887,273   gap 0.57 %   15 branches'
    """
    parts = [f"{progress.stage}  {progress.seconds:.0f} s"]
    parts.append("no plan yet" if progress.incumbent is None else f"best plan {progress.incumbent:,.0f}")
    if progress.bound is not None:
        parts.append(f"proven {progress.bound:,.0f}")
    if progress.savings_gap is not None:
        parts.append(f"gap {progress.savings_gap:.2%} of the saving".replace("%", " %"))
    elif progress.gap is not None:
        parts.append(f"gap {progress.gap:.2%}".replace("%", " %"))
    if progress.nodes:
        parts.append(f"{progress.nodes:,} branches")
    return "   ".join(parts)


class TerminalProgress:
    """
    A listener that keeps one line up to date in a terminal, and is silent anywhere else.

    Parameters
    ----------
    quiet
        Show nothing at all.
    stream
        Where to; standard error by default. Nothing is shown where it is no terminal.
    delay_s
        Seconds before the line appears: what is quicker needs none.

    Examples
    --------
    >>> from isopt.solver.outcome import Progress
    >>> with TerminalProgress(quiet=True) as listener:
    ...     listener.stage("reading")
    ...     listener(Progress(3.0, None, None, None, 0, "presolve"))
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None, delay_s: float = DELAY_S) -> None:
        self._console = Console(file=stream or sys.stderr)
        self._shown = not quiet and self._console.is_terminal
        self._delay_s = delay_s
        self._live: Live | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self._line: Callable[[], str] = str
        self._began = time.perf_counter()

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._shown = False
            if self._live is not None:
                self._live.stop()
                self._live = None

    def stage(self, name: str) -> None:
        """Say what is being done now; the line appears by itself where it lasts, and counts the seconds."""
        if not self._shown:
            return
        began = self._began = time.perf_counter()
        self._line = lambda: f"{name}  {time.perf_counter() - began:.0f} s"
        if self._timer is None:
            self._timer = threading.Timer(self._delay_s, self._appear)
            self._timer.daemon = True
            self._timer.start()

    def count(self, name: str, done: int, total: int) -> None:
        """Say how much of a stage is done."""
        if not self._shown:
            return
        if self._timer is None:
            self.stage(name)
        began = self._began
        share = done / total if total else 1.0
        left = (time.perf_counter() - began) * (1 / share - 1) if share > 0 else 0.0
        line = f"{name}  {done:,} of {total:,}   {share:.0%}   about {left:.0f} s left   (Ctrl-C keeps what is done)"
        self._line = lambda: line.replace("%", " %")

    def __call__(self, progress: Progress) -> None:
        """Show progress, once the solve has lasted long enough to be worth a line."""
        if not self._shown:
            return
        line = progress_line(progress) + "   (Ctrl-C keeps the best plan)"
        self._line = lambda: line
        if progress.seconds >= self._delay_s:
            self._appear()
            with self._lock:
                if self._live is not None:
                    self._live.refresh()

    def _appear(self) -> None:
        """Begin to show the line."""
        with self._lock:
            if self._shown and self._live is None:
                self._live = Live(
                    get_renderable=self._text, console=self._console, transient=True, refresh_per_second=4
                )
                self._live.start(refresh=True)

    def _text(self) -> Text:
        return Text(self._line(), overflow="ellipsis", no_wrap=True)

"""The `tandem` command in a process forked from one that has imported everything.

Most of the processor time of a start is imports, and tests start hundreds of processes. Here a server of forks imports
once; each command is a fork of it with an environment, a log and a session of its own, killed and waited for as any
process is. It calls the command's own entry point with the arguments of a command line.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from multiprocessing.context import ForkServerContext
from pathlib import Path


class ForkedCommand:
    """Has of `subprocess.Popen` what tests use: `pid`, `poll`, `wait`, `send_signal`, `kill`. Ends with the run."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._process = _forks().Process(
            target=_command, args=(tuple(arguments), dict(environment), str(log), os.getcwd()), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid is not None, "it was started when it was made"
        return self._process.pid

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("tandem", timeout or 0)
        return code

    def send_signal(self, which: signal.Signals) -> None:
        """Nothing happens to one that has ended."""
        if self.poll() is None:
            try:
                os.kill(self.pid, which)
            except ProcessLookupError:
                pass  # it ended between the two

    def kill(self) -> None:
        """kill -9."""
        self.send_signal(signal.SIGKILL)


@cache
def _forks() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    # Modules that are installed: a server of forks of Python 3.11 does not know the path of the tests.
    services = [point.module for point in entry_points(group="tandem.services")]
    context.set_forkserver_preload(["tandem.cli.serve", "tandem.runtime.embedded", *services])
    return context


def _command(arguments: tuple[str, ...], environment: dict[str, str], log: str, folder: str) -> None:
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, sys.__stdout__.fileno())  # type: ignore[union-attr]
    os.dup2(output, sys.__stderr__.fileno())  # type: ignore[union-attr]
    sys.argv = ["tandem", *arguments]
    from tandem.cli.main import main

    main(args=arguments, prog_name="tandem")

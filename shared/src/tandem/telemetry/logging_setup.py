"""Setting up what a process logs, once at its start. Everything goes to standard error."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from tandem.telemetry.log_format import JsonFormatter, TextFormatter

_log = logging.getLogger("tandem.process")


def set_up_logging(service: str, level: str, form: str) -> None:
    """`form` is `json` or `text`, `service` the name of the process, `level` a name of `logging`."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter(service) if form == "json" else TextFormatter())
    root = logging.getLogger()
    for other in list(root.handlers):
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "aio_pika", "alembic", "opentelemetry", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # These log a stack trace for every attempt while broker or database are away; the loss itself is logged by Tandem.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    logging.getLogger("asyncpg.pool").setLevel(logging.ERROR)
    # With DEBUG it logs every statement of SQLite with the values in it.
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)
    _leave_out_what_no_line_says()
    # By themselves these three write the message of an exception.
    sys.excepthook = _unhandled
    sys.unraisablehook = lambda told: _log.error("an exception had nobody to go to", exc_info=_told(told.exc_value))
    threading.excepthook = lambda told: _log.error("a thread ended", exc_info=_told(told.exc_value))


def _leave_out_what_no_line_says() -> None:
    """Thread, process and the place of the call cost a fifth of a line
    (https://docs.python.org/3/howto/logging.html#optimization)."""
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def _unhandled(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    _log.critical("the process ends", exc_info=(kind, error, trace))


def _told(error: BaseException | None) -> BaseException | bool:
    return False if error is None else error

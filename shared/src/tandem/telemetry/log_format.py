"""How a log line is written: JSON for machines, or text. Neither writes the message of an exception.

A driver's error quotes the values of its statement, and so a patient's. Of an exception the class and the places are
written. What other libraries log is their message without its values, first line only: asyncio, for one, puts the
error of a forgotten task into it.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import msgspec

from tandem.telemetry.doing import DOING
from tandem.telemetry.trace_ids import shown, trace_id_of

_ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]
_OURS = ("tandem", "careplan_service", "cohort_service", "mdt_service", "metrics_service", "referral_service")
_WITH_VALUES = (*_OURS, "uvicorn")
_FRAMES = 12
_CHAIN = 4
_encoder = msgspec.json.Encoder(enc_hook=str)


def said(record: logging.LogRecord) -> str:
    """The message of a record, of another library without the values in it."""
    if record.name.partition(".")[0] in _WITH_VALUES:
        return record.getMessage()
    text = str(record.msg)
    return text.partition("\n")[0]


def failure(error: BaseException) -> str:
    """Class and places of an exception and of what caused it; never a message."""
    parts: list[str] = []
    found: BaseException | None = error
    while found is not None and len(parts) < _CHAIN:
        frames = traceback.extract_tb(found.__traceback__)[-_FRAMES:]
        places = " < ".join(f"{_file(frame.filename)}:{frame.lineno} {frame.name}" for frame in reversed(frames))
        parts.append(f"{type(found).__name__} at {places}" if places else type(found).__name__)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "; after ".join(parts)


class TextFormatter(logging.Formatter):
    """Time, level, logger and message on one line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = said(record)
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo | tuple[None, None, None]) -> str:
        return failure(ei[1]) if ei[1] is not None else ""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have kept one, with the message
        return super().format(record)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, service, message; request, correlation, trace and event where known.

    `service` is the process; a line about a service inside it names that one.
    """

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "service": self._service, "message": said(record),
        }  # fmt: skip
        line |= _under_way()
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= fields
        if record.exc_info and record.exc_info[1] is not None:
            line["failure"] = failure(record.exc_info[1])
        return _encoder.encode(line).decode()


def _under_way() -> dict[str, str]:
    doing = DOING.get()
    if doing is None:
        return {}
    found = {"service": doing.service}
    if doing.request:
        found["requestId"] = shown(doing.request)
    if doing.correlation:
        found |= {"correlationId": shown(doing.correlation), "traceId": trace_id_of(doing.correlation)}
    if doing.event:
        found["eventId"] = doing.event
    return found


def _file(name: str) -> str:
    for mark in ("/src/", "/site-packages/"):
        if mark in name:
            return name.rsplit(mark, 1)[-1]
    return name.rsplit("/", 1)[-1]

"""Log lines: what is in them, and that no message of an exception is."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

from tandem.telemetry.doing import Doing, doing
from tandem.telemetry.log_format import JsonFormatter, TextFormatter
from tandem.telemetry.trace_ids import trace_id_of

SECRET = "9449305552 Marlowequill"
REQUEST = "0b0a2f4e-6c1b-4a53-9f5e-2f6d8b1f7c10"


class Written:
    """What a logger wrote through a formatter."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self._stream = StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(formatter)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def line(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


@pytest.fixture
def logger(request: pytest.FixtureRequest) -> Iterator[logging.Logger]:
    found = logging.getLogger(getattr(request, "param", "tandem.tried"))
    found.propagate = False
    found.setLevel(logging.DEBUG)
    yield found
    found.propagate = True
    found.handlers.clear()
    found.setLevel(logging.NOTSET)


@pytest.fixture(params=[JsonFormatter("mdt-service"), TextFormatter()], ids=["json", "text"])
def written(request: pytest.FixtureRequest, logger: logging.Logger) -> Written:
    found = Written(request.param)
    logger.addHandler(found.handler)
    return found


def raised() -> Exception:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"invalid input for query argument $1: {SECRET!r}") from error
    except ValueError as error:
        return error


def test_an_exception_is_its_class_and_its_places(logger: logging.Logger, written: Written) -> None:
    logger.error("it failed", exc_info=raised())
    assert "ValueError at test_log_format.py:" in written.text
    assert "after KeyError at test_log_format.py:" in written.text
    for word in SECRET.split():
        assert word not in written.text


def test_one_that_another_handler_has_written_out_is_not_taken_over(logger: logging.Logger, written: Written) -> None:
    logger.handlers.insert(0, logging.StreamHandler(StringIO()))
    logger.error("it failed", exc_info=raised())
    assert "ValueError at" in written.text
    assert "Marlowequill" not in written.text


@pytest.mark.parametrize("logger", ["asyncio", "asyncpg.pool"], indirect=True)
def test_another_library_says_its_message_without_values(logger: logging.Logger, written: Written) -> None:
    put_together = f"Task exception was never retrieved\nfuture: <Task exception=ValueError({SECRET!r})>"
    logger.error(put_together)
    logger.warning("took %r", SECRET)
    assert "Task exception was never retrieved" in written.text
    assert "took %r" in written.text
    assert "Marlowequill" not in written.text


def test_json_says_what_is_under_way(logger: logging.Logger) -> None:
    written = Written(JsonFormatter("gateway"))
    logger.addHandler(written.handler)
    with doing(Doing("mdt-service", REQUEST, "a correlation")):
        logger.info("%d parts", 3, extra={"fields": {"route": "/Task"}})
    line = written.line
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO", "logger": "tandem.tried", "service": "mdt-service", "message": "3 parts", "route": "/Task",
        "requestId": REQUEST, "correlationId": line["correlationId"], "traceId": trace_id_of("a correlation"),
    }  # fmt: skip
    assert line["correlationId"].startswith("sha256:")


def test_json_names_the_process_and_the_event(logger: logging.Logger) -> None:
    written = Written(JsonFormatter("gateway"))
    logger.addHandler(written.handler)
    logger.info("nothing under way")
    assert (written.line["service"], "requestId" in written.line) == ("gateway", False)
    again = Written(JsonFormatter("gateway"))
    logger.addHandler(again.handler)
    with doing(Doing("mdt-service", event="e-1")):
        logger.info("an event")
    assert (again.line["service"], again.line["eventId"], "traceId" in again.line) == ("mdt-service", "e-1", False)

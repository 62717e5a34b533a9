"""What a client is told when something fails that no interaction foresaw, and what the log says of it."""

from __future__ import annotations

import logging
import traceback

from tandem.database.connection import (
    CommitUnknown,
    DatabaseFull,
    DatabaseUnavailable,
    NoConnectionFree,
    SerializationConflict,
    StatementTimedOut,
    UniqueViolation,
)  # fmt: skip
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest, FhirResponse, refusal
from tandem.telemetry.trace_ids import shown

_log = logging.getLogger(__name__)
_COMMIT_UNKNOWN = (
    "The database was lost while this was being committed: it was written as a whole, or not at all. Look for it before"
    " sending it again; a conditional create, an update and a load can be repeated as they are"
)

_NONE_FREE = "No connection to the database came free in time; try again"
_TOO_LONG = "The database took longer for this than it may. Ask for less at once, or later"


def fault_response(request: FhirRequest, error: Exception) -> FhirResponse:
    """The refusal that an exception stands for. One that is not foreseen is a 500 whose cause only the log tells."""
    match error:
        case FhirError():
            return refusal(error)
        case CommitUnknown():
            return refusal(FhirError(Kind.UNAVAILABLE, issues=[Issue(_COMMIT_UNKNOWN, code="no-store")]))
        case DatabaseFull():
            return refusal(FhirError(Kind.NO_SPACE, headers={"Retry-After": "30"}))
        case StatementTimedOut():
            return refusal(FhirError(Kind.UNAVAILABLE, _TOO_LONG, headers={"Retry-After": "30"}))
        case NoConnectionFree():
            return refusal(FhirError(Kind.UNAVAILABLE, _NONE_FREE, headers={"Retry-After": "2"}))
        case DatabaseUnavailable():
            return refusal(
                FhirError(Kind.UNAVAILABLE, "The database cannot be reached just now", headers={"Retry-After": "2"})
            )
        case SerializationConflict():
            return refusal(
                FhirError(Kind.UNAVAILABLE, "Too many writes at once; try again", headers={"Retry-After": "1"})
            )
        case UniqueViolation():
            return refusal(FhirError(Kind.DUPLICATE, "This is held already"))
        case UnicodeDecodeError():
            return refusal(FhirError(Kind.BAD_REQUEST, "The request is not valid UTF-8"))
    log_fault(request, error)
    return refusal(FhirError(Kind.INTERNAL))


def log_fault(request: FhirRequest, error: BaseException) -> None:
    """Log where it failed and the request identifier; never the message, which may quote patient data."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(
        f"{frame.filename.rsplit('/src/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    _log.error("request %s failed: %s at %s", shown(request.request_id), type(error).__name__, places)

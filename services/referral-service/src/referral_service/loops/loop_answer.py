"""How a referral stands, as parameters of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tandem.clock import from_micros
from tandem.fhir.parameters_answer import Parameter, coded, instant, reference, text

_TIMES: Final = (
    ("since", "opened"), ("asked", "asked"), ("received", "received"), ("accepted", "accepted"),
    ("started", "started"), ("ended", "ended"), ("closed", "closed"), ("answerDue", "answer_due"),
    ("doneDue", "done_due"),
)  # fmt: skip


def standing_parts(row: Mapping[str, Any], state: str) -> list[Parameter]:
    """`request`, `patient`, `state`, and as far as they are known `kind`, `task`, `taskStatus`, `outcome`,
    `requester`, `performer` (codes), the times, `reason` and `reply`."""
    found = [
        reference("request", f"ServiceRequest/{row['request']}"),
        reference("patient", f"Patient/{row['patient']}"),
        coded("state", state),
    ]
    if row["kind"] is not None:
        found.append(coded("kind", row["kind"]))
    if row["round"]:
        found.append(reference("task", f"Task/{row['task']}"))
    found += [
        coded(name, row[column]) for name, column in (("taskStatus", "task_status"), ("outcome", "outcome"))
        if row[column] is not None
    ]  # fmt: skip
    found += [
        text(name, row[column])
        for name, column in (("requester", "requester"), ("performer", "owner"), ("reason", "reason"),
                             ("reply", "reply"))
        if row[column]
    ]  # fmt: skip
    found += [instant(name, from_micros(row[column])) for name, column in _TIMES if row[column] is not None]
    return found

"""One request for support as parameters of an answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from referral_service.domain.referral_loop import words_of
from referral_service.domain.support.occurrences import timing_of
from referral_service.support.delivery_rows import Delivery
from referral_service.support.support_query import Support, last_delivered
from tandem.canonical import PERTAINS_TO_GOAL, SUPPORT_OFFER
from tandem.clock import from_micros
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named
from tandem.fhir.parameters_answer import Parameter, coded, instant, on_day, parts, reference, text, yes


async def support_parts(connection: Connection, each: Support) -> list[Parameter]:
    """`request`, `state`, `kind`, `regular`, and as far as known `offer` (code), `text`, `plan`, `goal`, `need`,
    `activity`, `requester`, `performer` (code and name), `origin`, `task`, `due`, `delivered`, `reason`, `reply`, and
    each `delivery`."""
    row, request = each.row, each.request
    found = [
        reference("request", f"ServiceRequest/{row['request']}"), reference("patient", f"Patient/{row['patient']}"),
        coded("state", each.state), yes("regular", timing_of(request) is not None),
    ]  # fmt: skip
    codings = (request.get("code") or {}).get("coding") or ()
    found += [coded("kind", row["kind"])] if row["kind"] else []
    found += [coded("offer", one["code"]) for one in codings if one.get("system") == SUPPORT_OFFER and one.get("code")]
    words = words_of(request.get("code"))
    found += [text("text", words)] if words else []
    found += [reference("plan", f"CarePlan/{plan}") for plan in each.plans]
    for one in request.get("extension") or ():
        if one.get("url") == PERTAINS_TO_GOAL and one.get("valueReference"):
            found.append({"name": "goal", "valueReference": one["valueReference"]})
    found += [{"name": "need", "valueReference": one} for one in request.get("supportingInfo") or ()]
    found += [text("need", said) for one in request.get("reasonCode") or () if (said := words_of(one))]
    found += await _organisations(connection, row)
    if row["round"]:
        found.append(reference("task", f"Task/{row['task']}"))
    due = row["done_due"] if row["accepted"] is not None else row["answer_due"]
    found += [instant("due", from_micros(due))] if due is not None and row["waits"] else []
    delivered = last_delivered(each)
    found += [instant("delivered", from_micros(delivered))] if delivered is not None else []
    found += [text(name, row[name]) for name in ("reason", "reply") if row[name]]
    return found + [parts("delivery", _delivery(one, state)) for one, state in each.deliveries]


async def _organisations(connection: Connection, row: Any) -> list[Parameter]:
    found: list[Parameter] = []
    for name, column in (("requester", "requester"), ("performer", "owner")):
        if row[column]:
            held = await organisation_named(connection, row[column])
            found.append(text(name, row[column]))
            found += [text(f"{name}Name", held.name)] if held is not None and held.name else []
            found += [coded("origin", held.kind)] if held is not None and name == "requester" else []
    return found


def _delivery(each: Delivery, state: str) -> list[Parameter]:
    found = [
        reference("task", f"Task/{each.task}"), on_day("on", date.fromisoformat(each.place.partition("/")[0])),
        coded("state", state), instant("due", from_micros(each.due)),
    ]  # fmt: skip
    found += [instant("ended", from_micros(each.ended))] if each.ended is not None else []
    return found + ([text("reason", each.reason)] if each.reason else [])

"""`tandem status`: in one screen whether events flow and what is stuck."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click
import httpx

from tandem.cli.load_client import base_url

_EXIT = {"ok": 0, "attention": 1, "down": 2}
_SECONDS = 30


@click.command()
@click.option("--url", default="http://127.0.0.1:8000", show_default=True, help="The gateway, or an embedded system.")
@click.option("--token", required=True, envvar="TANDEM_TOKEN", help="An operator's token, see `tandem token`.")
@click.option("--json", "as_json", is_flag=True, help="The answer of the gateway as it is.")
def status(url: str, token: str, as_json: bool) -> None:
    """Say whether every process is up, whether events flow, and what is stuck, with what to do about it.

    Ends with 0 when all is well, 1 when something needs attention, 2 when a process is down or nobody can tell.
    """
    try:
        answer = _asked(f"{base_url(url)}/$status", token)
    except _NoAnswer as error:
        click.echo(json.dumps({"status": "down", "why": str(error)}) if as_json else str(error), err=not as_json)
        sys.exit(_EXIT["down"])
    click.echo(json.dumps(answer, indent=2) if as_json else "\n".join(screen(answer)))
    sys.exit(_EXIT.get(answer["status"], 2))


class _NoAnswer(Exception):
    """Why nobody can tell."""


def _asked(address: str, token: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, headers={"authorization": f"Bearer {token}"}, timeout=_SECONDS)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise _NoAnswer(f"the gateway at {address.removesuffix('/fhir/$status')} cannot be reached") from error
    try:
        body: dict[str, Any] = answer.json()
    except ValueError as error:
        raise _NoAnswer(f"the gateway answered {answer.status_code}") from error
    if answer.status_code != 200 or body.get("status") not in _EXIT:
        text = next((each.get("details", {}).get("text") for each in body.get("issue", ())), None)
        raise _NoAnswer(text or f"the gateway answered {answer.status_code}")
    return body


def screen(answer: dict[str, Any]) -> Iterator[str]:
    """The lines of the screen, from the answer of `$status`."""
    yield from _table(
        ("process", "up", "release", "schema", "to publish", "parked", "dead", "jobs", "overdue clocks", "leads"),
        [_process(each) for each in answer["processes"]],
    )
    yield ""
    yield from _flows(answer["processes"])
    yield ""
    if answer["problems"]:
        yield "What is stuck:"
        for each in answer["problems"]:
            yield f"  {each['service']}: {each['what']}"
            yield f"      {each['do']}"
    yield {"ok": "All is well.", "attention": "Something needs attention.", "down": "A process is down."}[
        answer["status"]
    ]


def _process(process: dict[str, Any]) -> tuple[str, ...]:
    state = process["state"]
    if state is None:
        return (process["service"], "no", *[""] * 8)
    schema = state["migration"]
    if schema != state["newest_migration"]:
        schema += f" of {state['newest_migration']}"
    parked = state["parked"]
    return (
        process["service"], "yes", state["version"], schema, _waiting(state["outbox"], state["outbox_seconds"]),
        str(parked.get("waiting", 0) + parked.get("retry", 0)), str(parked.get("dead", 0)), _jobs(state["jobs"]),
        str(sum(state["overdue_clocks"].values())),
        " ".join(each["name"] for each in state["leases"] if each["here"] and each["seconds"] > 0),
    )  # fmt: skip


def _jobs(jobs: list[dict[str, Any]]) -> str:
    counted: dict[str, int] = {}
    for each in jobs:
        counted[each["state"]] = counted.get(each["state"], 0) + each["number"]
    shown = (f"{counted[state]} {state}" for state in ("queued", "running", "failed") if state in counted)
    return ", ".join(shown) or "-"


def _flows(processes: list[dict[str, Any]]) -> Iterator[str]:
    rows: list[tuple[str, ...]] = []
    for process in processes:
        state = process["state"]
        if state is None:
            continue
        for flow in state["inbox"]:
            if flow["behind"] is None:
                rows.append((process["service"], flow["source"], "unknown", "it gave no answer"))
            elif flow["behind"]:
                rows.append((process["service"], flow["source"], str(flow["behind"]), f"{flow['seconds']:.0f} s"))
        for each in state["followers"]:
            if each["behind"] or each["backlog"]:
                rows.append((process["service"], f"itself ({each['name']})", str(each["behind"] + each["backlog"]), ""))
    if rows:
        yield from _table(("behind", "of", "events", "oldest"), rows)
    else:
        yield "Every service that answers has taken all events of the others."


def _waiting(number: int, seconds: float) -> str:
    return f"{number}, {seconds:.0f} s" if number else "0"


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        yield "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip()

"""`tandem erase`: erase a person's records in all services, or count what that would remove."""

from __future__ import annotations

from typing import Any, Final

import click

from tandem.cli.operation_client import OperationClient, parts_named, values_named
from tandem.fhir.ownership import SERVICES

_PAGE: Final = 1000


@click.command()
@click.argument("patient", required=False)
@click.option("--url", required=True, help="The server, such as https://tandem.example.")
@click.option("--token", required=True, envvar="TANDEM_TOKEN", help="A bearer token of an operator.")
@click.option("--grounds", type=click.Choice(["retention-ended", "order"]), default="retention-ended")
@click.option("--reason", help="Why; it is kept, so it must not say who the person is.")
@click.option("--approver", help="Who approved: another than the caller.")
@click.option("--dry-run", is_flag=True, help="Change nothing, and count what would go, by service and table.")
@click.option("--list", "listed", is_flag=True, help="What was ordered, and which services have carried it out.")
def erase(
    patient: str | None, url: str, token: str, grounds: str, reason: str | None, approver: str | None, dry_run: bool,
    listed: bool,
) -> None:  # fmt: skip
    """Erase the records of PATIENT, the id of a Patient, in all services."""
    client = OperationClient(url, token)
    if listed:
        _list(client)
        return
    if patient is None or not reason or not approver:
        raise click.UsageError("name the Patient, and give --reason and --approver; or ask with --list")
    asked: dict[str, Any] = {"grounds": grounds, "reason": reason, "approver": approver, "dry-run": dry_run}
    answer = client.post(f"Patient/{patient}/$erase", asked)
    for removed in parts_named(answer, "removed"):
        click.echo(f"{removed['service']}\t{removed['rows']} rows")
    if dry_run:
        click.echo("nothing was changed")
    else:
        click.echo(f"order {values_named(answer, 'order')[0]}: the other services follow; see --list")


def _list(client: OperationClient) -> None:
    """All orders: they are kept with a backup, so that none is missing after a restore."""
    offset = 0
    while True:
        answer = client.get("Patient/$erasures", {"_count": str(_PAGE), "_offset": str(offset)})
        found = [each for each in answer.get("parameter", ()) if each["name"] == "erasure"]
        for order, parameter in zip(parts_named(answer, "erasure"), found, strict=True):
            waiting = set(SERVICES) - _answered(parameter)
            state = f"waits for {', '.join(sorted(waiting))}" if waiting else "complete"
            click.echo(f"{order['at']}\t{order['order']}\t{order['grounds']}\t{state}\t{order['digest']}")
        if len(found) < _PAGE:
            return
        offset += _PAGE


def _answered(erasure: dict[str, Any]) -> set[str]:
    inner = [each["part"] for each in erasure.get("part", ()) if each["name"] == "answered"]
    return {part["valueCode"] for parts in inner for part in parts if part["name"] == "service"}

"""`tandem erase`: erase a person's records in all services, or count what that would remove."""

from __future__ import annotations

from typing import Any

import click

from tandem.cli.operation_client import OperationClient, parts_named, values_named


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
        for order in parts_named(client.get("Patient/$erasures", {}), "erasure"):
            state = "complete" if order["complete"] else "under way"
            click.echo(f"{order['at']}\t{order['order']}\t{order['grounds']}\t{state}\t{order['digest']}")
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

"""`tandem token`: a bearer token of the local issuer."""

from __future__ import annotations

from pathlib import Path

import click

from tandem.identity.issuer import LocalIssuer, parse_ttl
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="The data directory of `tandem serve`.")
@click.option("--org", required=True, help="ODS code of the organisation, or system#value for one without.")
@click.option("--scope", default="system/*.cruds", show_default=True, help="SMART v2 scopes, separated by spaces.")
@click.option("--user", help="The person behind it, e.g. Practitioner/123.")
@click.option("--role", help="The person's role code.")
@click.option("--purpose", help="The purpose of use, e.g. TREAT.")
@click.option("--ttl", default="8h", show_default=True, help="How long it holds: seconds, or with s, m, h, d.")
@click.option(
    "--operator", is_flag=True, help="May register a network, load and read any organisation's records; audited."
)
@click.option("--issuer", default=LOCAL_ISSUER, show_default=True, envvar="TANDEM_ISSUER", help="Name of the issuer.")
@click.option("--audience", default=LOCAL_AUDIENCE, show_default=True, envvar="TANDEM_AUDIENCE", help="Audience.")
def token(
    data: Path, org: str, scope: str, user: str | None, role: str | None, purpose: str | None, ttl: str, operator: bool,
    issuer: str, audience: str,
) -> None:  # fmt: skip
    """Print a bearer token of the local issuer for an organisation."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        minted = LocalIssuer(data, issuer, audience).mint(
            org, scope=scope, user=user, role=role, purpose=purpose, ttl=parse_ttl(ttl), operator=operator
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(minted)

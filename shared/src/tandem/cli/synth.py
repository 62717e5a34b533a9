"""`tandem synth`: write a synthetic primary care network as NDJSON."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tandem.nhs.nhs_number import SYNTHETIC_CAPACITY
from tandem.synth.population import AS_OF, MAX_PRACTICES, generate


@click.command()
@click.option(
    "--patients",
    type=click.IntRange(1, SYNTHETIC_CAPACITY),
    default=2_000,
    show_default=True,
    help="People registered in the network, over all practices.",
)
@click.option(
    "--practices",
    type=click.IntRange(1, MAX_PRACTICES),
    default=4,
    show_default=True,
    help="Practices that are members of the network.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Another seed, another network; the same seed, the same bytes.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the files; NDJSON files that stand there already are replaced.",
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    default=AS_OF.isoformat(),
    show_default=True,
    help="The last day on which anything is recorded.",
)
def synth(patients: int, practices: int, seed: int, out: Path, as_of: datetime) -> None:
    """Write a synthetic primary care network to a folder.

    The files hold FHIR R4 resources shaped like UK Core, one file a type: the network, its practices, providers, care
    homes, staff and signed sharing agreements, and the records of people who never lived. `tandem load` takes the
    folder.
    """
    summary = generate(patients, practices, seed, out, as_of.date())
    click.echo(summary.text(), nl=False)

"""`tandem product-map`: which BNF code each product of dm+d has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from tandem.cli.operation_client import OperationClient, parts_named, text_of, values_named

_LINES = 20_000
"""So many lines go in one request; the published file is larger than a request may be."""


@click.group("product-map")
def product_map() -> None:
    """The map of products, by which value sets of the BNF know the medicines that records name."""


@product_map.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lenient", is_flag=True, help="Take the good lines of a file that has bad ones.")
@click.option("--url", required=True, help="The server, with or without /fhir.")
@click.option("--token", required=True, envvar="TANDEM_TOKEN", help="A bearer token of an operator.")
def load(file: Path, lenient: bool, url: str, token: str) -> None:
    """Load FILE, a CSV with a header such as NHSBSA's BNF SNOMED mapping.

    All of it is checked before any of it is taken. Loading it again, or a newer one over it, is safe.
    """
    client, text = OperationClient(url, token), text_of(file)
    for dry_run in (True, False):
        total = 0
        for first_line, piece in _pieces(text):
            answer = client.post(
                "Group/$load-product-map",
                {"file": piece, "firstLine": first_line, "lenient": lenient, "dry-run": dry_run},
            )
            total += sum(values_named(answer, "products"))
            for each in parts_named(answer, "refused") if dry_run else ():
                click.echo(f"refused: {each['reason']}", err=True)
    click.echo(f"{total:,} products")


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The number of the first line of each piece, and the piece with the header before it."""
    header, _, rest = text.partition("\n")
    lines = rest.splitlines(keepends=True)
    for start in range(0, max(len(lines), 1), _LINES):
        yield start + 2, f"{header}\n{''.join(lines[start : start + _LINES])}"

"""What stands in the way of a schema, as one line for whoever typed the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import click
from sqlalchemy.exc import SQLAlchemyError

from tandem.database.migrate import NewerDatabase, UnknownKindOfDatabase


@contextmanager
def readable_schema_errors(service: str) -> Iterator[None]:
    """Raises click.ClickException for a newer database, for one that cannot be reached or refuses, and for a URL of
    another kind. It never quotes the URL, which may hold a password; of what a database says it names the kind alone.
    """
    try:
        yield
    except (NewerDatabase, UnknownKindOfDatabase) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"the database of {service} cannot be reached") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError) as error:
        raise click.ClickException(f"the database of {service} refuses: {_kind(error)}") from error


def _kind(error: BaseException) -> str:
    """The name that the driver gives it, below those of the layers above the driver."""
    while error.__cause__ is not None:
        error = error.__cause__
    return type(error).__name__

"""`--database-url`, which a command also takes from the settings of the process: as it is, or out of a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tandem.settings import SettingError, settings_from

_Command = TypeVar("_Command", bound=Callable[..., Any])


def database_url_option(text: str) -> Callable[[_Command], _Command]:
    """The option `database_url`; None when neither it nor `TANDEM_DATABASE_URL` nor the `_FILE` form is given."""
    return click.option("--database-url", callback=_or_from_settings, help=f"{text} Else TANDEM_DATABASE_URL(_FILE).")


def _or_from_settings(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    if given is not None:
        return given
    # These two alone: a command may run beside settings that are another program's business, such as TANDEM_TOKEN.
    names = ("TANDEM_DATABASE_URL", "TANDEM_DATABASE_URL_FILE")
    try:
        return settings_from({name: os.environ[name] for name in names if name in os.environ}).database_url or None
    except SettingError as error:
        raise click.ClickException(str(error)) from error

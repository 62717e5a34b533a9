"""`--database-url` and `--amqp-url`, which a command also takes from the settings of the process, or out of a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import click

from tandem.settings import SettingError, settings_from

_Command = TypeVar("_Command", bound=Callable[..., Any])


def database_url_option(text: str) -> Callable[[_Command], _Command]:
    """The option `database_url`; None when neither it nor `TANDEM_DATABASE_URL` nor the `_FILE` form is given."""
    return _option("database_url", text)


def amqp_url_option(text: str) -> Callable[[_Command], _Command]:
    """The option `amqp_url`; None when neither it nor `TANDEM_AMQP_URL` nor the `_FILE` form is given."""
    return _option("amqp_url", text)


def _option(key: Literal["database_url", "amqp_url"], text: str) -> Callable[[_Command], _Command]:
    name = f"TANDEM_{key.upper()}"

    def given_or_set(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
        if given is not None:
            return given
        # These two alone: a command may run beside settings that are another program's business, such as TANDEM_TOKEN.
        named = {each: os.environ[each] for each in (name, f"{name}_FILE") if each in os.environ}
        try:
            found: str = getattr(settings_from(named), key)
        except SettingError as error:
            raise click.ClickException(str(error)) from error
        return found or None

    return click.option(f"--{key.replace('_', '-')}", callback=given_or_set, help=f"{text} Else {name}(_FILE).")

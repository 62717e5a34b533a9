"""What the pages of a service are given: the service at work, and who asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import Request

from tandem.identity.caller import Caller

if TYPE_CHECKING:
    from tandem.fhir.kernel import Kernel

WhoAsks = Callable[[Request], Awaitable[Caller | None]]
"""The Caller of a request, by bearer token or session; None for nobody. Raises FhirError for a token that is none."""


@dataclass(frozen=True, slots=True)
class PageSurroundings:
    """`kernel` gives the service's kernel, once it runs; `caller` says who asks."""

    kernel: Callable[[], Kernel]
    caller: WhoAsks

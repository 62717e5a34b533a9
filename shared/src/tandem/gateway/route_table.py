"""Which process answers which address, for the proxy in front: made from the ownership table.

What has one owner goes straight to it; what has none goes to the gateway, as do the pages: the sign-in is there.
An address that no route names is not reachable from outside: `/metrics`, `/clock`, the logs of the services.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.timeline import PERSON_OPERATIONS
from tandem.identity.authorization_endpoint import AUTHORIZE_PATH
from tandem.identity.openid_configuration import OPENID_PATH
from tandem.identity.token_endpoint import CONFIGURATION_PATH, JWKS_PATH, TOKEN_PATH

GATEWAY: Final = "gateway"
ISSUER: Final = "issuer"
Match = Literal["exact", "prefix", "regex"]

_INTERNAL: Final = ("$events", "$event-heads", "$events-taken", "$load", "$registration", "$state")
"""Operations of the kernel that only our own services call, directly; the processes refuse everybody else, too."""
_GATEWAY_EXACT: Final = ("/", "/docs", "/openapi.json", "/health/live", "/health/ready", "/sign-out")
_GATEWAY_PREFIXES: Final = ("/dashboard", "/sign-in", "/assets")
_ISSUER_PATHS: Final = (
    AUTHORIZE_PATH, TOKEN_PATH, JWKS_PATH, CONFIGURATION_PATH, f"/fhir{CONFIGURATION_PATH}", OPENID_PATH,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Route:
    """Addresses whose decoded path matches go to `process`; to nobody when it is None: then the answer is 404.

    `prefix` is one of whole segments: `/fhir/Task` stands for itself and `/fhir/Task/…`, not for `/fhir/TaskList`.
    A `regex` matches the whole path.
    """

    match: Match
    path: str
    process: str | None

    def matches(self, path: str) -> bool:
        """Whether this route is for a decoded path, without its query."""
        if self.match == "regex":
            return re.fullmatch(self.path, path) is not None
        inside = self.match == "prefix" and path.startswith(f"{self.path.rstrip('/')}/")
        return path == self.path or inside


def route_table() -> tuple[Route, ...]:
    """All routes; of those that match a path the first counts. What none of them matches is a 404."""
    operations = "|".join(name.removeprefix("$") for name in PERSON_OPERATIONS)
    return (
        *(Route("exact", f"/fhir/{name}", None) for name in _INTERNAL),
        # Every service has a part in a person's timeline, and the gateway makes one of them.
        Route("regex", rf"/fhir/Patient/[^/]+/\$({operations})/?", GATEWAY),
        *(Route("exact", path, ISSUER) for path in _ISSUER_PATHS),
        *(Route("prefix", f"/fhir/{name}", service) for service, names in OWNED_TYPES.items() for name in names),
        Route("prefix", "/fhir", GATEWAY),
        *(Route("exact", path, GATEWAY) for path in _GATEWAY_EXACT),
        *(Route("prefix", path, GATEWAY) for path in _GATEWAY_PREFIXES),
    )


def process_for(path: str) -> str | None:
    """Who answers at a decoded path; None when nobody is to be reached there."""
    return next((route.process for route in route_table() if route.matches(path)), None)

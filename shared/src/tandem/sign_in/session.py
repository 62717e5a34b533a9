"""A session: who signed in, as their access token said, for an hour at most. The browser has it as a sealed cookie.

No token is in it, so there is none to be stolen from a browser; scripts cannot read it, and there are none.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, dataclass
from typing import Any, Final

from tandem.identity.caller import Caller
from tandem.identity.scopes import parse_scopes, render_scopes

SESSION_TTL: Final = 3600


@dataclass(frozen=True, slots=True)
class Session:
    """What the cookie holds. `scope` is in SMART v2 form, `until` in seconds since 1970."""

    id: str
    name: str
    organisation: str
    scope: str
    client: str | None
    user: str | None
    role: str | None
    purpose: str | None
    operator: bool
    until: float

    @classmethod
    def of(cls, identity: str, name: str, caller: Caller, until: float) -> Session:
        """The session of somebody whose access token stands for this Caller."""
        return cls(
            identity, name, caller.organisation, render_scopes(caller.scopes), caller.client, caller.user, caller.role,
            caller.purpose, caller.operator, until,
        )  # fmt: skip

    def caller(self) -> Caller:
        """Who asks, with the rights of the token they signed in with."""
        return Caller(
            self.organisation, parse_scopes(self.scope, person=True), self.client, self.user, self.role, self.purpose,
            self.operator, expires=self.until,
        )  # fmt: skip

    def held(self) -> dict[str, Any]:
        """As the cookie has it; until when is said by its seal."""
        return {name: value for name, value in asdict(self).items() if name != "until"}

    def proof(self, secret: bytes) -> str:
        """What a form of this session carries, which no other site can know."""
        return hmac.new(secret, f"tandem form {self.id}".encode(), hashlib.sha256).hexdigest()

"""What stands between a verified caller and the work: a request may be refused, and may have to wait for its turn.

The rule is `tandem.runtime.overload`; the endpoint knows no more of it than this.
"""

from __future__ import annotations

from typing import Protocol

from tandem.identity.caller import Caller


class Visit(Protocol):
    """One request on its way through the process; every call but `admit` needs `admit` before it."""

    def admit(self, caller: Caller) -> None:
        """Count the request. Raises FhirError THROTTLED (the caller's own share is used up) or UNAVAILABLE, each with
        a Retry-After header."""
        ...

    def hold(self, size: int) -> None:
        """Count so many bytes more of its body. Raises FhirError(UNAVAILABLE) when bodies fill what they may take."""
        ...

    async def begin(self) -> None:
        """Wait until it may be worked on. Raises FhirError(UNAVAILABLE) when that takes too long."""
        ...

    def answered(self, size: int) -> None:
        """The work is done and the body forgotten; the answer of so many bytes is held until `end`."""
        ...

    def end(self) -> None:
        """The request is over, however it ended; may be called twice."""
        ...


class Admission(Protocol):
    """The rule of a process."""

    seconds: float
    """How long a body may take to come in, and an answer to be taken."""

    def visit(self) -> Visit:
        """A request has arrived."""
        ...


class _OpenVisit:
    def admit(self, caller: Caller) -> None:
        return

    def hold(self, size: int) -> None:
        return

    async def begin(self) -> None:
        return

    def answered(self, size: int) -> None:
        return

    def end(self) -> None:
        return


class Unlimited:
    """Lets everybody in at once: what an endpoint has that was given no rule."""

    seconds = 120.0
    _visit = _OpenVisit()

    def visit(self) -> Visit:
        """See Admission."""
        return self._visit

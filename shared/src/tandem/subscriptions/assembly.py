"""The Subscriptions of one service, put together from its kernel."""

from __future__ import annotations

from pathlib import Path

from tandem.events.lease import Lease
from tandem.events.realtime import Now, now_micros
from tandem.fhir.kernel import Kernel
from tandem.subscriptions.declaration import Subscriptions
from tandem.subscriptions.delivery import Delivery
from tandem.subscriptions.dispatcher import LEASE, Dispatcher
from tandem.subscriptions.hosts import HostRegistry
from tandem.subscriptions.sender import TIMEOUT, Sender
from tandem.subscriptions.status import StatusWriter, WorkOf


def subscriptions(
    kernel: Kernel, hosts_file: Path | None, work: WorkOf, *, holder: str, now: Now = now_micros,
    timeout: float = TIMEOUT,
) -> Dispatcher:  # fmt: skip
    """Declare the type to the kernel, and make the loop that serves it.

    `hosts_file` is the register of hosts, None for a service that may send to nobody; `holder` names this process.
    """
    service, database, clock = kernel.service.name, kernel.database, kernel.clock
    hosts, lease, sender = HostRegistry(hosts_file), Lease(database, LEASE, holder=holder, now=now), Sender(timeout)
    kernel.writing.declare(Subscriptions(service, kernel.base, hosts).declaration())
    status = StatusWriter(database, work, lease)

    def registered_only() -> bool:
        # Asked each time: the runtime sets it once the feed is watched.
        return kernel.registered_only()

    delivery = Delivery(
        database, service, kernel.base, clock, hosts, sender, status, lease, now=now,
        registered_only=registered_only,
    )  # fmt: skip
    return Dispatcher(
        database, service, clock, delivery, status, sender, lease, now=now,
        registered_only=registered_only,
    )  # fmt: skip

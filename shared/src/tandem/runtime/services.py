"""The installed services, found by their entry points: the kernel imports none of them by name."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points

from tandem.fhir.ownership import SERVICES
from tandem.service import Service
from tandem.subscriptions.operations import OPERATIONS as SUBSCRIPTION_OPERATIONS

GATEWAY = "gateway"
ISSUER = "issuer"
SERVICE_NAMES = (*SERVICES, GATEWAY)


@lru_cache
def installed_services() -> dict[str, Service]:
    """The services installed here by name, in the order of the ownership table."""
    found = {point.name: point for point in entry_points(group="tandem.services")}
    return {name: found[name].load() for name in SERVICES if name in found}


def operation_names() -> frozenset[str]:
    """The names of all operations that are declared here, without the dollar sign."""
    declared = (each for service in installed_services().values() for each in service.operations)
    return frozenset(each.name for each in (*declared, *SUBSCRIPTION_OPERATIONS))


def declared_services() -> dict[str, Service]:
    """All five services. Raises LookupError when one is not installed."""
    found = installed_services()
    missing = [name for name in SERVICES if name not in found]
    if missing:
        raise LookupError(f"not installed: {', '.join(missing)}")
    return found


def declared_service(name: str) -> Service:
    """One service, or the gateway, which keeps jobs and no resources. Raises LookupError."""
    if name == GATEWAY:
        from tandem.gateway.service import service

        return service
    found = installed_services()
    if name not in found:
        raise LookupError(f"{name} is not installed")
    return found[name]

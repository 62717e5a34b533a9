"""The installed services, found by their entry points: the kernel imports none of them by name."""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import entry_points

from tandem.fhir.ownership import SERVICES
from tandem.service import Service

GATEWAY = "gateway"
SERVICE_NAMES = (*SERVICES, GATEWAY)


@lru_cache
def declared_services() -> dict[str, Service]:
    """Every installed service by name, in the order of the ownership table. Raises LookupError when one is missing."""
    found = {point.name: point for point in entry_points(group="tandem.services")}
    missing = [name for name in SERVICES if name not in found]
    if missing:
        raise LookupError(f"not installed: {', '.join(missing)}")
    return {name: found[name].load() for name in SERVICES}


def declared_service(name: str) -> Service:
    """One service, or the gateway, which keeps jobs and no resources. Raises LookupError."""
    if name == GATEWAY:
        from tandem.gateway.service import service

        return service
    found = {point.name: point for point in entry_points(group="tandem.services")}
    if name not in found:
        raise LookupError(f"{name} is not installed")
    loaded: Service = found[name].load()
    return loaded

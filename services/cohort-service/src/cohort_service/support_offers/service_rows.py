"""The support services of networks, with who provides them, read by a few indexed statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cohort_service.domain.support_offers.support_service import provider_of, sector_of
from cohort_service.support_offers.network_providers import areas_with, providers_in
from tandem.database.connection import Connection
from tandem.events.inbox_tables import among
from tandem.fhir.body import Resource, decode
from tandem.identity.references import PREFIX


@dataclass(frozen=True, slots=True)
class Provider:
    """Who provides a service. All but `code` and `active` are None for an Organization that is not held here."""

    code: str | None
    kind: str | None = None
    name: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class SupportService:
    """A HealthcareService of the directory, with its provider."""

    resource: Resource
    provider: Provider

    @property
    def sector(self) -> str:
        """`statutory` or `voluntary`."""
        return sector_of(self.resource, self.provider.kind)


async def services_of_networks(
    connection: Connection, networks: Sequence[str], day: int, offers: Collection[str] | None = None
) -> list[SupportService]:
    """The services that serve one of these networks (codes) on a day, by name; each offers one of `offers` (codes).

    Those of a provider that is no longer active are left out.
    """
    areas, members = await areas_with(connection, networks, day), await providers_in(connection, networks, day)
    held = [*await _bodies(connection, 0, areas, offers), *await _bodies(connection, 1, members, offers)]
    providers = await _providers(connection, sorted({code for each in held if (code := provider_of(each))}))
    found = [
        SupportService(each, providers.get(code, Provider(code)))
        for each in held if (code := provider_of(each)) is not None
    ]  # fmt: skip
    named = sorted(found, key=lambda each: (str(each.resource.get("name") or ""), str(each.resource["id"])))
    return [each for each in named if each.provider.active]


async def _bodies(
    connection: Connection, by_provider: int, areas: Sequence[str], offers: Collection[str] | None
) -> list[Resource]:
    if not areas or (offers is not None and not offers):
        return []
    where, params = among(connection.dialect, "e.area", 2, areas)
    if offers is not None:
        offering, more = among(connection.dialect, "e.offer", len(params) + 2, sorted(offers))
        where, params = f"{where} AND {offering}", [*params, *more]
    rows = await connection.fetch(
        "SELECT l.body FROM"
        f" (SELECT DISTINCT e.service FROM support_offer_area e WHERE e.by_provider = $1 AND {where}) s"
        " JOIN resource r ON r.type = 'HealthcareService' AND r.id = s.service JOIN log l ON l.id = r.log_id",
        by_provider, *params,
    )  # fmt: skip
    return [decode(bytes(row["body"])) for row in rows if row["body"] is not None]


async def _providers(connection: Connection, named: Sequence[str]) -> dict[str, Provider]:
    """By code and by `Organization/id`. Of several Organizations with one code an active one counts."""
    if not named:
        return {}
    by_id, ids = among(connection.dialect, "o.id", 1, [each.removeprefix(PREFIX) for each in named])
    by_code, codes = among(connection.dialect, "o.code", len(ids) + 1, named)
    rows = await connection.fetch(
        "SELECT o.id, o.code, o.kind, o.active, l.body FROM organisation o"
        " LEFT JOIN resource r ON r.type = 'Organization' AND r.id = o.id LEFT JOIN log l ON l.id = r.log_id"
        f" WHERE {by_id} OR {by_code} ORDER BY o.active, o.id DESC",
        *ids, *codes,
    )  # fmt: skip
    found: dict[str, Provider] = {}
    for row in rows:
        name = decode(bytes(row["body"])).get("name") if row["body"] is not None else None
        found[row["code"]] = found[f"{PREFIX}{row['id']}"] = Provider(
            row["code"], row["kind"], name, bool(row["active"])
        )
    return found

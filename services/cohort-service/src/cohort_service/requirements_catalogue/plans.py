"""The PlanDefinitions of the national requirements and of the services: put at start, and with each new version."""

from __future__ import annotations

import hashlib

from cohort_service.domain.requirements.plan_definition import service_definition
from cohort_service.domain.requirements.requirement import Requirement
from cohort_service.requirements_catalogue.requirement_operation import plans_of
from cohort_service.requirements_catalogue.shipped_requirements import shipped_requirements
from cohort_service.requirements_catalogue.versions import published_since
from tandem.fhir.body import Resource, encode
from tandem.service import Work


async def put_plans(work: Work, versions: list[Requirement]) -> None:
    """Put the PlanDefinitions of all versions of a requirement, and of its service."""
    for plan in plans_of(versions):
        await work.put(plan)
    since = await published_since(work.connection)
    await work.put(_of_service(versions[0].service, since))


def _of_service(service: str, since: dict[str, list[Requirement]]) -> Resource:
    mine = [each for each in shipped_requirements().values() if each.service == service]
    return service_definition(service, [since.get(each.id, [each])[-1] for each in mine])


async def seed_plans(work: Work) -> None:
    """Put what the service ships with, when it is not what was put last; then every start costs one look."""
    since = await published_since(work.connection)
    plans = [plan for each in shipped_requirements().values() for plan in plans_of([each, *since.get(each.id, ())])]
    services = dict.fromkeys(each.service for each in shipped_requirements().values())
    plans += [_of_service(service, since) for service in services]
    fingerprint = hashlib.sha256(b"".join(map(encode, plans))).hexdigest()
    known = await work.connection.fetchval("SELECT fingerprint FROM requirement_seed WHERE name = 'plans'")
    if known == fingerprint:
        return
    for plan in plans:
        await work.put(plan)
    await work.connection.execute("DELETE FROM requirement_seed WHERE name = 'plans'")
    await work.connection.execute("INSERT INTO requirement_seed (name, fingerprint) VALUES ('plans', $1)", fingerprint)

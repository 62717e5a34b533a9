"""The hours that staff in post have for a service, month by month."""

from __future__ import annotations

from cohort_service.domain.capacity.assumptions import Assumptions
from cohort_service.domain.capacity.financial_year import months_left
from cohort_service.networks.staff_rows import staff_in_post
from tandem.database.connection import Connection


async def staff_hours(
    connection: Connection, network: str, service: str, year: str, assumptions: Assumptions, today: int
) -> tuple[list[tuple[str, float]], dict[str, float]]:
    """Hours by month from today to the end of the year, and by role in all of them together.

    In each month those count who are in post by its first day (or today), by what is recorded. Raises KeyError for a
    service without staff of the network.
    """
    roles = assumptions.roles[f"{service}.pcn"]
    prefix = f"{service}.pcn"
    week, weeks = assumptions.value(f"{prefix}.week-of-one-post.hours"), f"{prefix}.year-of-one-post.weeks"
    of_one = week * assumptions.value(weeks) / 12 * assumptions.value(f"{prefix}.time-for-service.percent") / 100
    by_month, by_role = [], dict.fromkeys(roles, 0.0)
    for month in months_left(year, today):
        in_post = await staff_in_post(connection, network, month.first)
        hours = {role: in_post.get(role, 0.0) * of_one * month.share for role in roles}
        by_month.append((month.name, sum(hours.values())))
        for role, there in hours.items():
            by_role[role] += there
    return by_month, by_role

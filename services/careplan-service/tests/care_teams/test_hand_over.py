"""Passing a role on, over days and within one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from careplan_service.domain.care_teams.hand_over import CannotHandOver, HandOver, handed_over
from careplan_service.domain.care_teams.roles import holders, role_codes, roles_held
from tandem.canonical import CARE_TEAM_ROLE
from tandem.clock import to_micros
from tandem.fhir.body import Resource

NOW = datetime(2020, 7, 1, 8, tzinfo=UTC)


def participant(who: str, *roles: str, **period: str) -> dict[str, Any]:
    concepts = [{"coding": [{"system": CARE_TEAM_ROLE, "code": role}]} for role in roles]
    return {
        "role": concepts,
        "member": {"reference": f"PractitionerRole/{who}"},
        **({"period": period} if period else {}),
    }


def team(*participants: dict[str, Any]) -> Resource:
    return {"resourceType": "CareTeam", "id": "t", "status": "active", "participant": list(participants)}


def asked(to: str, since: date = date(2020, 7, 1), at: datetime = NOW) -> HandOver:
    return HandOver("care-coordinator", {"reference": f"PractitionerRole/{to}"}, None, "Leave", since, at)


def coordinators(held: Resource, moment: datetime) -> list[str]:
    return [each.who for each in holders(roles_held(held), "care-coordinator", to_micros(moment))]


def test_who_had_it_ends_the_day_before() -> None:
    after, old = handed_over(team(participant("a", "care-coordinator", start="2020-01-01")), asked("b"))
    assert old is not None
    assert [each["period"] for each in after["participant"]] == [
        {"start": "2020-01-01", "end": "2020-06-30"}, {"start": "2020-07-01"},
    ]  # fmt: skip
    assert coordinators(after, NOW) == ["PractitionerRole/b"]


def test_twice_on_one_day_the_minute_counts() -> None:
    first, _ = handed_over(team(), asked("a"))
    second, _ = handed_over(first, asked("b"))
    noon = datetime(2020, 7, 1, 11, tzinfo=UTC)
    assert coordinators(second, noon) == ["PractitionerRole/b"]
    assert coordinators(second, datetime(2020, 7, 1, 7, tzinfo=UTC)) == ["PractitionerRole/a"]


def test_before_the_holders_own_first_day_is_refused() -> None:
    held = team(participant("a", "care-coordinator", start="2020-06-20"))
    with pytest.raises(CannotHandOver) as refused:
        handed_over(held, asked("b", since=date(2020, 6, 20)))
    assert refused.value.issue.expression == "from"


def test_other_roles_of_the_same_participant_go_on() -> None:
    after, _ = handed_over(team(participant("a", "named-gp", "care-coordinator")), asked("b"))
    said = [
        (each["member"]["reference"][-1], role_codes(each), "end" in each.get("period", {}))
        for each in after["participant"]
    ]
    assert said == [("a", ["care-coordinator"], True), ("a", ["named-gp"], False), ("b", ["care-coordinator"], False)]

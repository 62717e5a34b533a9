"""Rows about a person in tables that have no column `patient`: by table, which of them go when a person is erased.

`$1` is the Patient's id. They go before the rows of tables that have such a column, which may lead to them.
"""

from __future__ import annotations

from typing import Final

_PLAN: Final = "plan IN (SELECT id FROM resource WHERE type = 'CarePlan' AND patient = $1)"
_EPISODE: Final = "episode IN (SELECT id FROM medication_review_episode WHERE patient = $1)"

ERASED: Final = {
    "contribution": _PLAN,
    "contribution_request": _PLAN,
    "care_team_hand_over": "team IN (SELECT id FROM resource WHERE type = 'CareTeam' AND patient = $1)",
    "medication_review_prescription": _EPISODE,
    "medication_review_reference": _EPISODE,
    "response_answer": "response IN (SELECT id FROM questionnaire_response WHERE patient = $1)",
}

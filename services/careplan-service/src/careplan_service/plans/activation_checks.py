"""What areas beside this one ask of a plan that is to become active. An area adds its checks to CHECKS, a line each.

They are asked in the transaction that makes the plan active, after the areas that stand before `plans` in PARTS have
kept what the write says, and again by `CarePlan/{id}/$agreement` and `$quality`. What the checklist names as data
(`checklist.yaml`) needs no check here.
"""

from __future__ import annotations

from careplan_service.care_teams.plan_checks import RESPONSIBLE_LEAD_NAMED
from careplan_service.consents.plan_check import SUMMARY_CONSENT_ASKED
from careplan_service.plans.plan_activation import ActivationCheck

CHECKS: tuple[ActivationCheck, ...] = (RESPONSIBLE_LEAD_NAMED, SUMMARY_CONSENT_ASKED)

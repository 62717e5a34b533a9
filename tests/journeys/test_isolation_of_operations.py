"""Who gets what from every declared operation, through the gateway: one row an operation, one column a caller.

A new operation without a row fails here. `seen` is an answer that holds something of the person; a number is an HTTP
status, and an answer with it holds nothing of anybody.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests import (
    isolation_appointments,
    isolation_case_management,
    isolation_contributions,
    isolation_coordinated_care,  # noqa: F401 - its rows are entered by its import
    isolation_duties,
    isolation_enriched_summary,
    isolation_erasure,  # noqa: F401 - its rows are entered by its import
    isolation_home_rounds,
    isolation_measures,  # noqa: F401 - its row is entered by its import
    isolation_medication_reviews,
    isolation_meetings,
    isolation_personalised_care,
    isolation_plan_document,  # noqa: F401 - its rows are entered by its import
    isolation_plans,
    isolation_questionnaires,
    isolation_reads,
    isolation_referral_messages,
    isolation_referrals,
    isolation_safety_nets,
    isolation_social_prescribing,
    isolation_status,  # noqa: F401 - its row is entered by its import
    isolation_subscriptions,
    isolation_support_offers,  # noqa: F401 - its rows are entered by its import
    isolation_support_requests,
    isolation_suspected_cancer,
    isolation_urgent_response,
    isolation_writes,
)
from tandem_tests.isolation_cell import ROUTES
from tandem_tests.isolation_operations import CALLERS, OPERATIONS, Asking, Place, audited, declared, outskirts
from tandem_tests.loopback import http_client
from tandem_tests.running import EmbeddedTandem

TABLE = """
                                                      prac netw comm othr part vol  ics  farn farb home read scop oper
GET Group/[id]/$members                               seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Group/$members                                    seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET Patient/[id]/$cohorts                             seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Group/[id]/$explain                               seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Patient/[id]/$frailty                             seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Patient/$frailty                                  seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET Patient/[id]/$responsible                         200  200  200  404  404  404  404  404  404  404  200  403  200
GET Patient/[id]/$registration-offer                  200  200  200  404  404  404  404  404  404  404  200  403  200
GET Encounter/[id]/$accountable                       200  200  200  404  404  404  404  404  404  404  200  403  200
GET PlanDefinition/$counts                            200  200  200  404  404  404  404  404  404  404  200  403  200
GET Group/$runs                                       200  200  404  404  404  404  200  404  404  404  200  403  200
GET Group/$duty                                       200  200  404  404  404  404  200  404  404  404  200  403  200
GET Group/$stages                                     200  200  404  404  404  404  200  404  404  404  200  403  200
GET Group/$priority-list                              seen seen 404  404  404  404  403  404  404  404  seen 403  seen
GET Group/$matches                                    seen seen 404  404  404  404  403  404  404  404  seen 403  seen
GET Group/$tools                                      200  200  403  403  403  403  403  403  403  403  200  403  200
GET Group/$value-sets                                 200  200  200  200  200  200  200  200  200  200  200  403  200
GET Group/$definitions                                200  200  200  200  200  200  200  200  200  200  200  403  200
GET Group/$choices                                    200  200  200  200  200  200  200  200  200  200  200  403  200
GET OrganizationAffiliation/$agreement-templates      200  200  200  200  200  200  200  200  200  200  200  403  200
GET OrganizationAffiliation/$agreements               200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$requirement                       200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$catalogue                         200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$introduction                      200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$services                          200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$training-due                      200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$list-size                      200  200  404  404  404  404  200  404  404  404  200  403  200
GET Organization/[id]/$staff-in-post                  404  200  404  404  404  404  200  404  404  404  404  403  200
GET Organization/[id]/$workforce                      404  200  404  404  404  404  200  404  404  404  404  403  200
GET Organization/[id]/$care-homes                     200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$sub-contracts                  200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$areas                          200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$population                     200  200  404  404  404  404  404  404  404  404  200  403  200
GET Organization/[id]/$practice-profile               200  404  404  404  404  404  200  404  404  404  200  403  200
GET Organization/[id]/$cancer-target                  200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$leads                          200  200  200  200  200  200  200  200  200  200  200  403  200
POST Organization/[id]/$list-size                     200  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$staff-in-post                 403  200  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$care-homes                    403  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$sub-contracts                 403  200  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$areas                         403  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$practice-profile              403  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$cancer-target                 403  200  403  403  403  403  200  403  403  403  403  403  200
POST Group/[id]/$judge                                seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST Group/$judge                                     seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST Patient/[id]/$registration-offer                 404  404  404  404  404  404  404  404  404  404  403  403  404
POST Group/$offer                                     200  200  200  404  404  404  404  404  404  404  403  403  200
POST Group/$identify                                  200  200  403  403  403  403  403  403  403  403  403  403  200
POST Group/$register-tool                             200  200  403  403  403  403  403  403  403  403  403  403  200
POST Group/$import-audit                              200  200  403  403  403  403  403  403  403  403  403  403  200
POST Group/$standard-approach                         403  403  403  403  403  403  200  403  403  403  403  403  200
POST Group/$choose                                    403  201  403  403  403  403  403  403  403  403  403  403  201
POST Group/$define                                    403  422  403  403  403  403  403  422  403  403  403  403  422
POST Group/$withdraw-definition                       403  403  403  403  403  403  403  403  403  403  403  403  404
POST Group/$load-value-set                            403  403  403  403  403  403  403  403  403  403  403  403  400
POST Group/$load-product-map                          403  403  403  403  403  403  403  403  403  403  403  403  422
POST OrganizationAffiliation/$draft-agreement         201  403  403  403  403  403  403  403  403  403  403  403  201
POST OrganizationAffiliation/[id]/$sign               409  403  409  403  403  403  403  403  403  403  403  403  403
POST PlanDefinition/$publish                          403  403  403  403  403  403  403  403  403  403  403  403  201
POST PlanDefinition/$add-local                        403  403  403  403  403  403  201  403  201  403  403  403  403
POST PlanDefinition/$switch                           403  403  403  403  403  403  200  403  403  403  403  403  200
POST Communication/[id]/$sent                         422  422  422  404  404  404  404  404  404  404  403  403  422
POST Group/[id]/$invite                               422  422  422  404  404  404  404  404  404  404  403  403  422
POST Group/[id]/$mark-invited                         422  422  422  404  404  404  404  404  404  404  403  403  422
POST Group/[id]/$record-response                      422  422  422  404  404  404  404  404  404  404  403  403  422
GET Group/[id]/$offers                                seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Organization/[id]/$offers                         404  200  404  404  404  404  200  404  404  404  404  403  200
GET Group/[id]/$engagement                            seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST Group/[id]/$record-participation                 seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET Group/$invitation-sequence                        seen seen seen 200  200  200  200  200  200  200  seen 403  seen
POST Group/$publish-screening-process                 403  200  403  403  403  403  403  403  403  403  403  403  200
GET Group/$screening-process                          200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$capacity-assumptions           404  200  404  404  404  404  200  404  404  404  404  403  200
POST Organization/[id]/$capacity-assumptions          403  422  403  403  403  403  422  403  403  403  403  403  422
GET Organization/[id]/$capacity-plan                  404  seen 404  404  404  404  200  404  404  404  404  403  seen
GET Organization/[id]/$round-capacity                 404  200  404  404  404  404  200  404  404  404  404  403  200
GET Organization/[id]/$offer-rate                     404  200  404  404  404  404  200  404  404  404  404  403  200
POST Organization/[id]/$offer-rate                    404  422  404  404  404  404  403  404  404  404  403  403  403
GET Organization/[id]/$case-register                  seen seen 404  404  404  404  200  404  404  404  seen 403  seen
POST Organization/[id]/$case-register-entry           200  200  404  404  404  404  403  404  404  404  403  403  200
POST Organization/[id]/$case-register-run             200  200  404  404  404  404  403  404  404  404  403  403  200
POST Organization/[id]/$load-unplanned-admissions-register 200 200 404 404 404 404 403 404 404 404 403 403 200
GET Organization/[id]/$case-register-query            200  200  404  404  404  404  200  404  404  404  200  403  200
POST Organization/[id]/$case-register-query           403  403  404  404  404  404  200  404  404  404  403  403  200
GET Organization/[id]/$case-register-sign-off         200  200  404  404  404  404  200  404  404  404  200  403  200
POST Organization/[id]/$case-register-sign-off        422  403  404  404  404  404  403  404  404  404  403  403  422
GET Organization/[id]/$case-register-baseline         200  200  404  404  404  404  200  404  404  404  200  403  200
POST Organization/[id]/$case-register-baseline        200  403  404  404  404  404  403  404  404  404  403  403  200
POST Group/[id]/$assign                               200  200  404  404  404  404  404  404  404  404  403  403  200
GET Group/[id]/$caseload                              seen seen 404  404  404  404  404  404  404  404  seen 403  seen
POST Group/$extract                                   200  200  403  403  403  403  403  403  403  403  403  403  200
GET Group/$extract-part                               200  404  404  404  404  404  404  404  404  404  200  403  200
POST Task/$give-duties                                200  200  403  403  403  403  200  403  403  403  403  200  200
GET Task/$duties                                      200  200  404  404  404  404  200  404  404  404  200  200  200
POST Task/[id]/$evidence                              200  403  404  404  404  404  403  404  404  404  403  200  200
POST Subscription/[id]/$replay                        200  404  404  404  404  404  404  404  404  404  403  403  200
POST Subscription/[id]/$renew-secret                  200  404  404  404  404  404  404  404  404  404  403  403  403
GET QuestionnaireResponse/[id]/$assessment            seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET CarePlan/[id]/$assessments                        seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET CarePlan/[id]/$activation                         seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET QuestionnaireResponse/$assessments-due            seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET QuestionnaireResponse/$pam-due                    seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET QuestionnaireResponse/$pam-cohorts                200  200  200  200  200  200  200  200  200  200  200  403  200
POST QuestionnaireResponse/$pam-cohorts               403  403  403  403  403  403  403  403  403  403  403  403  201
GET CarePlan/[id]/$quality                            200  200  200  404  404  404  404  404  404  404  200  403  200
GET CarePlan/$quality                                 seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET CarePlan/[id]/$goals                              seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET CarePlan/[id]/$support                            seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET CarePlan/$without-plan                            seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET CarePlan/[id]/$shared-plan                        seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET CarePlan/[id]/$crisis-view                        seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET QuestionnaireResponse/$shared-decisions           seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET QuestionnaireResponse/$budget-promotions          seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET CarePlan/[id]/$budgets                            seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET CarePlan/[id]/$personalised-care                  200  200  200  404  404  404  404  404  404  404  200  403  200
GET CarePlan/$personalised-care-model                 200  200  200  200  200  200  200  200  200  200  200  403  200
GET QuestionnaireResponse/$decision-situations        200  200  200  200  200  200  200  200  200  200  200  403  200
GET QuestionnaireResponse/$budget-offers              200  200  200  200  200  200  200  200  200  200  200  403  200
POST QuestionnaireResponse/$decision-situations       403  403  403  403  403  403  403  403  403  403  403  403  201
POST QuestionnaireResponse/$budget-offers             403  403  403  403  403  403  201  403  201  403  403  403  201
POST CarePlan/[id]/$review                            422  422  422  404  404  404  404  404  404  404  403  403  422
GET Appointment/$offer                                200  200  200  404  404  404  404  404  404  404  200  403  200
GET Appointment/$intervention-activity                200  200  200  200  200  200  200  200  200  200  200  403  200
GET Appointment/$review-appointment-policy            200  200  200  200  200  200  200  200  200  200  200  403  200
POST Appointment/$review-appointment-policy           403  403  403  403  403  403  403  403  403  403  403  403  201
POST Appointment/[id]/$outcome                        seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET Task/$inbox                                       seen seen seen 200  200  200  200  200  200  200  seen seen seen
GET Task/$delivered                                   seen seen seen 200  200  200  200  200  200  200  seen seen seen
GET Appointment/[id]/$round-list                      seen seen seen 404  404  404  404  404  404  200  seen 403  seen
POST Appointment/[id]/$round                          422  403  403  404  404  404  404  404  404  403  403  403  422
GET Schedule/[id]/$round-compliance                   200  200  200  404  404  404  404  404  404  200  200  403  200
POST Schedule/[id]/$agree-part                        200  403  403  404  404  404  404  404  404  403  403  403  200
POST Schedule/$plan-rounds                            422  422  422  422  422  422  422  422  422  422  403  403  422
GET Schedule/$round-policy                            200  200  200  200  200  200  200  200  200  200  200  403  200
POST Schedule/$round-policy                           403  403  403  403  403  403  200  403  200  403  403  403  200
POST CarePlan/$start-medication-review                seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET Composition/[id]/$medication-review               seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST Composition/[id]/$decide                         seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST Composition/[id]/$complete                       422  422  422  404  404  404  404  404  404  404  403  403  422
GET Composition/$enriched-summary                     seen seen seen 403  403  403  403  403  403  403  seen 403  seen
GET CarePlan/$medication-review-policy                200  200  200  200  200  200  200  200  200  200  200  403  200
POST CarePlan/$medication-review-policy               403  403  403  403  403  403  201  403  201  403  403  403  201
POST CarePlan/[id]/$contribute                        200  200  200  404  404  404  404  404  404  404  403  403  200
GET CarePlan/[id]/$contributions                      seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST CareTeam/[id]/$hand-over                         seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET CareTeam/$gaps                                    seen seen seen 200  200  200  200  200  200  200  seen 403  seen
POST Schedule/$plan-meetings                          200  200  403  403  403  403  403  403  403  403  403  403  200
GET Schedule/[id]/$team                               200  200  200  404  404  404  404  404  404  404  200  403  200
GET Schedule/[id]/$people                             seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Schedule/[id]/$evidence                           200  200  200  404  404  404  404  404  404  404  200  403  200
GET Appointment/[id]/$agenda                          seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST Appointment/[id]/$agenda                         seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET Appointment/[id]/$record                          seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST Appointment/[id]/$record                         seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST Appointment/$open-session                        422  422  422  404  404  404  404  404  404  404  403  403  422
GET Task/$actions                                     seen 403  403  403  403  403  403  403  403  403  seen seen seen
POST Task/[id]/$chase                                 seen 403  403  404  404  404  404  404  404  404  403  seen seen
GET Task/$admission-review                            seen seen seen 200  200  200  200  200  200  200  seen seen seen
POST Task/$admission-review                           seen 403  403  403  403  403  403  403  403  403  403  seen seen
GET Task/$case-management                             seen seen seen 404  404  404  404  404  404  404  seen seen seen
POST Task/$case-management                            seen seen seen 404  404  404  404  404  404  404  403  seen seen
POST Task/[id]/$decide-case                           422  422  422  404  404  404  404  404  404  404  403  422  422
GET Task/$register-reviews                            seen seen seen 200  200  200  200  200  200  200  seen seen seen
GET $status                                           403  403  403  403  403  403  403  403  403  403  403  403  200
POST Patient/[id]/$erase                              403  403  403  403  403  403  403  403  403  403  403  403  409
POST Patient/[id]/$legal-hold                         403  403  403  403  403  403  403  403  403  403  403  403  404
GET Patient/$erasures                                 403  403  403  403  403  403  403  403  403  403  403  403  200
GET Patient/$retention-ended                          403  403  403  403  403  403  403  403  403  403  403  403  200
POST $process-message                                 seen 403  403  403  403  403  403  403  403  403  403  403  seen
GET ServiceRequest/[id]/$social-prescribing           200  200  200  404  404  404  404  404  404  404  200  403  200
POST ServiceRequest/[id]/$answer-offer                422  422  422  404  404  404  404  404  404  404  403  403  422
GET ServiceRequest/[id]/$referral-message             seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Task/$gp-participation                            200  200  200  200  200  200  200  200  200  200  200  200  200
GET HealthcareService/$support-offers                 200  200  200  404  404  404  404  404  404  404  200  403  200
GET HealthcareService/$support-gaps                   200  200  200  200  200  200  200  200  200  200  200  403  200
GET ServiceRequest/[id]/$loop                         seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET ServiceRequest/$support                           seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET ServiceRequest/$worklist                          seen seen seen 200  200  200  200  200  200  200  seen 403  seen
POST ServiceRequest/[id]/$redirect                    422  422  422  404  404  404  404  404  404  404  403  403  422
GET HealthcareService/$referral-routes                200  200  200  200  200  200  200  200  200  200  200  403  200
GET HealthcareService/$support-catalogue              200  200  200  200  200  200  200  200  200  200  200  403  200
GET ServiceRequest/$clocks                            200  200  200  200  200  200  200  200  200  200  200  403  200
GET ServiceRequest/[id]/$clocks                       200  200  200  404  404  404  404  404  404  404  200  403  200
POST ServiceRequest/$assess-urgent-response           seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET ServiceRequest/$urgent-response-assessments       seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST ServiceRequest/[id]/$record-response             422  422  422  404  404  404  404  404  404  404  403  403  422
POST ServiceRequest/[id]/$record-breach-reason        422  422  422  404  404  404  404  404  404  404  403  403  422
GET ServiceRequest/$urgent-board                      200  200  200  200  200  200  200  200  200  200  200  403  200
POST ServiceRequest/$refer-suspected-cancer           seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET ServiceRequest/$suspected-cancer-advice           200  200  200  404  404  404  404  404  404  404  200  403  200
GET ServiceRequest/[id]/$suspected-cancer             seen seen seen 404  404  404  404  404  404  404  seen 403  seen
POST ServiceRequest/[id]/$inform-patient              seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET ServiceRequest/$suspected-cancer-criteria         200  200  200  200  200  200  200  200  200  200  200  403  200
POST ServiceRequest/$suspected-cancer-criteria        403  403  403  403  403  403  422  403  422  403  403  403  422
GET ServiceRequest/$suspected-cancer-protocol         200  200  200  200  200  200  200  200  200  200  200  403  200
POST ServiceRequest/$suspected-cancer-protocol        403  201  403  403  403  403  403  201  403  403  403  403  422
GET ServiceRequest/$pathways                          200  200  200  200  200  200  200  200  200  200  200  403  200
POST ServiceRequest/$pathways                         403  201  403  403  403  403  201  201  201  403  403  403  422
GET ServiceRequest/[id]/$safety-net                   seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET ServiceRequest/$safety-nets                       seen seen seen 200  200  200  200  200  200  200  seen 403  seen
POST ServiceRequest/[id]/$record-safety-net-step      422  422  422  404  404  404  404  404  404  404  403  403  422
POST ServiceRequest/[id]/$report-symptoms             seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST ServiceRequest/[id]/$close-safety-net            422  422  422  404  404  404  404  404  404  404  403  403  422
POST ServiceRequest/$record-diagnosis                 seen seen seen 404  404  404  404  404  404  404  403  403  seen
GET ServiceRequest/$significant-events                seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET Measure/$qof-cancer-evidence                      seen 404  404  404  404  404  404  404  404  404  seen 403  seen
GET Measure/$service-report                           200  200  403  403  403  403  200  403  403  403  200  403  200
GET Measure/[id]/$data-requirements                   200  200  200  200  200  200  200  200  200  200  200  403  200
GET Measure/[id]/$compare-networks                    403  403  403  403  403  403  200  403  403  403  403  403  200
GET Measure/[id]/$groups                              403  200  403  403  403  403  200  403  403  403  403  403  200
POST Measure/[id]/$groups                             403  200  403  403  403  403  403  403  403  403  403  403  200
GET Measure/$service-timeline                         403  200  403  403  403  403  200  403  403  403  403  403  200
GET Measure/$phase-review                             403  200  403  403  403  403  200  403  403  403  403  403  200
GET MeasureReport/$practice-report                    200  404  404  404  404  404  200  404  404  404  200  403  200
POST MeasureReport/$practice-report                   200  404  404  404  404  404  403  404  404  404  403  403  200
GET MeasureReport/$reporting-calendar                 200  404  404  404  404  404  200  404  404  404  200  403  200
GET MeasureReport/$report-template                    200  200  404  404  404  404  200  404  404  404  200  403  200
POST MeasureReport/$report-template                   403  403  403  403  403  403  200  403  404  403  403  403  200
GET MeasureReport/$compare-practice-reports           404  404  404  404  404  404  200  404  404  404  404  403  200
GET MeasureReport/$assurance-form                     200  404  404  404  404  404  200  404  404  404  200  403  200
POST MeasureReport/$assurance-form                    200  404  404  404  404  404  403  404  404  404  403  403  200
GET Measure/$outcome-framework                        200  200  200  200  200  200  200  200  200  200  200  403  200
GET Measure/$scheme                                   200  200  404  404  404  404  200  404  404  404  200  403  200
POST Measure/$scheme                                  403  403  403  403  403  403  422  403  404  403  403  403  422
GET Measure/$payment-schedule                         200  404  404  404  404  404  200  404  404  404  200  403  200
POST Measure/$record-payment                          403  404  404  404  404  404  422  404  404  404  403  403  422
POST Measure/$decide-performance                      403  404  404  404  404  404  200  404  404  404  403  403  200
POST Measure/$recover-payment                         403  404  404  404  404  404  422  404  404  404  403  403  422
GET Measure/$funding-breakdown                        200  404  404  404  404  404  200  404  404  404  200  403  200
POST Measure/$funding-breakdown                       409  404  404  404  404  404  403  404  404  404  403  403  409
GET Measure/$network-entitlements                     200  200  404  404  404  404  200  404  404  404  200  403  200
GET Measure/$access-responsibility                    200  200  404  404  404  404  200  404  404  404  200  403  200
GET Measure/$network-fund                             200  200  404  404  404  404  200  404  404  404  200  403  200
POST Measure/$network-fund                            403  403  404  404  404  404  409  404  404  404  403  403  409
GET Measure/$role-claim                               200  200  404  404  404  404  200  404  404  404  200  403  200
POST Measure/$role-claim                              403  200  404  404  404  404  403  404  404  404  403  403  200
GET Measure/$impact-fund                              200  200  404  404  404  404  200  404  404  404  200  403  200
POST Measure/$impact-fund                             403  403  404  404  404  404  422  404  404  404  403  403  422
GET Measure/$impact-fund-rules                        404  404  404  404  404  404  404  404  404  404  404  403  404
POST Measure/$impact-fund-rules                       403  403  403  403  403  403  403  403  403  403  403  403  200
"""
"""The columns are CALLERS of isolation_operations, in that order."""

ROUTE_OF = {
    "CarePlan/$clocks": "$clocks", "CarePlan/[id]/$clocks": "$clocks of a plan",
    "CarePlan/[id]/$agreement": "$agreement", "MedicationStatement/$current": "$current",
    "Measure/[id]/$evaluate-measure": "figures of the practice",
}  # fmt: skip
"""Operations that have their row in test_isolation_matrix."""

SHOWN_OF_THE_PERSON = frozenset((
    "$members", "$explain", "$cohorts", "$frailty", "$responsible", "$registration-offer", "$accountable", "$counts",
    "$priority-list", "$matches", "$judge", "$offer", "$import-audit", "$offers", "$engagement", "$capacity-plan",
    "$record-participation", "$invitation-sequence", "$case-register", "$case-register-entry", "$assign", "$caseload",
    "$load-unplanned-admissions-register", "$assessment", "$assessments", "$activation", "$assessments-due", "$pam-due",
    "$contribute", "$contributions", "$hand-over", "$gaps",
    "$quality", "$goals", "$support", "$without-plan", "$shared-plan", "$crisis-view", "$round-list",
    "$people", "$agenda", "$record", "$actions", "$chase", "$admission-review", "$case-management", "$register-reviews",
    "$suspected-cancer", "$suspected-cancer-advice", "$inform-patient", "$refer-suspected-cancer",
    "$support-offers", "$loop", "$worklist", "$assess-urgent-response", "$urgent-response-assessments",
    "$safety-net", "$safety-nets", "$report-symptoms", "$record-diagnosis", "$significant-events",
    "$shared-decisions", "$enriched-summary", "$budget-promotions", "$budgets", "$personalised-care",
    "$qof-cancer-evidence",
))  # fmt: skip
"""What leaves a trace that the person's practice reads, whoever asked."""

TRIED_OF_THE_PERSON = (
    "GET HealthcareService/$support-offers",
    "GET ServiceRequest/[id]/$safety-net", "POST ServiceRequest/[id]/$close-safety-net",
    "POST ServiceRequest/$refer-suspected-cancer", "GET ServiceRequest/$suspected-cancer-advice",
    "GET ServiceRequest/[id]/$suspected-cancer", "POST ServiceRequest/[id]/$inform-patient",
    "GET Patient/[id]/$cohorts", "GET Group/[id]/$explain", "GET Patient/[id]/$frailty",
    "GET Patient/[id]/$responsible", "GET Patient/[id]/$registration-offer", "GET Encounter/[id]/$accountable",
    "GET PlanDefinition/$counts", "POST Group/[id]/$judge", "POST Group/$offer", "POST Communication/[id]/$sent",
    "POST Group/[id]/$record-participation", "GET QuestionnaireResponse/[id]/$assessment",
    "GET CarePlan/[id]/$assessments", "GET CarePlan/[id]/$activation", "GET CarePlan/[id]/$quality",
    "GET CarePlan/[id]/$goals", "GET CarePlan/[id]/$support", "POST CarePlan/[id]/$review",
    "GET CarePlan/[id]/$shared-plan", "GET CarePlan/[id]/$crisis-view", "GET CarePlan/[id]/$budgets",
    "GET CarePlan/[id]/$personalised-care",
    "GET Composition/[id]/$medication-review", "POST CarePlan/$start-medication-review",
    "POST Task/[id]/$chase", "GET ServiceRequest/[id]/$loop", "POST ServiceRequest/[id]/$redirect",
    "POST ServiceRequest/$assess-urgent-response", "GET ServiceRequest/[id]/$clocks", "GET ServiceRequest/$support",
)  # fmt: skip
"""What another practice is refused with 404, and the person's practice finds."""


def rows() -> dict[str, list[str]]:
    """Operation -> what each caller gets, in the order of CALLERS."""
    words = [line.split() for line in TABLE.strip("\n").split("\n")[1:]]
    return {f"{method} {address}": said for method, address, *said in words}


@pytest.fixture(scope="module")
def place(embedded: EmbeddedTandem) -> Place:
    """A neighbourhood, and a person on several lists."""

    async def make() -> Place:
        async with http_client() as http:
            place = await outskirts(http, embedded)
            await isolation_duties.keep(place, place.client(http, "practice"))
            await isolation_questionnaires.keep(place, place.client(http, "practice"))
            await isolation_medication_reviews.keep(place, place.client(http, "practice"))
            await isolation_meetings.keep(place, place.client(http, "practice"))
            await isolation_plans.keep(place, place.client(http, "practice"))
            await isolation_enriched_summary.keep(place, place.client(http, "practice"))
            await isolation_contributions.keep(place, place.client(http, "practice"))
            await isolation_subscriptions.keep(place, place.client(http, "practice"))
            await isolation_appointments.keep(place, place.client(http, "practice"))
            await isolation_personalised_care.keep(place, place.client(http, "practice"))
            await isolation_home_rounds.keep(place, place.client(http, "practice"))
            await isolation_case_management.keep(place, place.client(http, "practice"))
            await isolation_urgent_response.keep(place, place.client(http, "practice"))
            await isolation_referral_messages.keep(place, place.client(http, "practice"))
            await isolation_social_prescribing.keep(place, place.client(http, "practice"))
            await isolation_referrals.keep(place, place.client(http, "practice"))
            await isolation_support_requests.keep(place, place.client(http, "practice"))
            await isolation_suspected_cancer.keep(place, place.client(http, "practice"))
            await isolation_safety_nets.keep(place, place.client(http, "practice"))
            return place

    return asyncio.run(make())


def test_every_declared_operation_has_a_row() -> None:
    assert set(rows()) == set(OPERATIONS)
    assert {isolation_reads.__name__, isolation_writes.__name__} == {way.__module__ for way in ROUTES.values()}
    assert set(ROUTE_OF.values()) <= set(ROUTES)
    having = {name.partition(" ")[2] for name in OPERATIONS}
    assert {name for name, _ in declared()} == having | set(ROUTE_OF)


def test_an_operation_that_writes_is_asked_to_write() -> None:
    posted = {name.partition(" ")[2] for name in OPERATIONS if name.startswith("POST ")}
    writing = {name for name, operation in declared() if operation.writes}
    assert writing <= posted | set(ROUTE_OF)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_what_each_caller_gets(place: Place, http: httpx.AsyncClient, operation: str) -> None:
    found = {caller: await OPERATIONS[operation](Asking(place, place.client(http, caller))) for caller in CALLERS}
    assert found == dict(zip(CALLERS, rows()[operation], strict=True))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_without_a_token_there_is_a_401(place: Place, http: httpx.AsyncClient, operation: str) -> None:
    assert await OPERATIONS[operation](Asking(place, FhirClient(http, place.here.system.url, "no token"))) == "401"


async def test_a_get_changes_nothing(place: Place, http: httpx.AsyncClient) -> None:
    practice = place.client(http, "practice")
    for name, operation in declared():
        if not operation.writes:
            continue
        answer = await practice.request("GET", name.replace("[id]", place.group))
        assert answer.status_code == 405, name
        assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("caller", ["practice", "network", "community"])
async def test_what_is_shown_of_a_person_leaves_a_trace(place: Place, http: httpx.AsyncClient, caller: str) -> None:
    opened: set[str] = set()
    for name, way in OPERATIONS.items():
        operation = "$" + name.rpartition("$")[2]
        said = await way(Asking(place, place.client(http, caller))) if operation in SHOWN_OF_THE_PERSON else "not asked"
        if said in ("seen", "200", "201"):
            opened.add(operation)
    practice = place.client(http, "practice")
    trail = f"AuditEvent?patient=Patient/{place.here.person}&agent={place.here.codes[caller]}&_count=1000"
    bundle: dict[str, Any] = await practice.call("GET", trail)
    assert opened, caller
    assert opened <= audited(bundle, place.here.codes[caller])


async def _refusals(place: Place, http: httpx.AsyncClient) -> list[str]:
    """The operations at the person that the other practice was refused, once for each time."""
    practice = place.client(http, "practice")
    trail = f"AuditEvent?patient=Patient/{place.here.person}&agent={place.here.codes['other']}&_count=1000"
    bundle = await practice.call("GET", trail)
    events = [entry["resource"] for entry in bundle.get("entry", [])]
    refused = [each for each in events if each["outcome"] != "0" and place.here.codes["other"] in str(each["agent"])]
    return sorted(coding.get("display", coding["code"]) for each in refused for coding in each["subtype"])


@pytest.mark.parametrize("operation", TRIED_OF_THE_PERSON)
async def test_the_practice_finds_once_who_was_refused(
    place: Place, http: httpx.AsyncClient, operation: str
) -> None:
    before = await _refusals(place, http)
    assert await OPERATIONS[operation](Asking(place, place.client(http, "other"))) == "404"
    assert await _refusals(place, http) == sorted([*before, "$" + operation.rpartition("$")[2]])


@pytest.mark.parametrize("operation", ["MedicationStatement/$current", "Patient/[id]/$timeline"])
async def test_the_practice_finds_who_was_refused_by_a_service_that_does_not_keep_the_person(
    place: Place, http: httpx.AsyncClient, operation: str
) -> None:
    before = await _refusals(place, http)
    path = operation.replace("[id]", place.here.person)
    query = "" if "[id]" in operation else f"?patient=Patient/{place.here.person}"
    assert (await place.client(http, "other").request("GET", path + query)).status_code == 404
    after = await _refusals(place, http)
    assert set(after) - set(before) <= {path.partition("$")[1] + path.partition("$")[2]}
    assert len(after) > len(before)


async def test_a_token_that_only_reads_is_told_so_before_anything_it_posts_is_read(
    place: Place, http: httpx.AsyncClient
) -> None:
    reader = place.client(http, "reader")
    asked = [(name, each) for name, each in declared() if each.post_letter is not None]
    assert len(asked) > 10
    for name, _ in asked:
        kind = name.partition("/")[0]
        here = {"Organization": place.here.organizations["practice"], "Patient": place.here.person}.get(kind, "1")
        answer = await reader.request("POST", name.replace("[id]", here), {"resourceType": "Parameters"})
        assert answer.status_code == 403, name

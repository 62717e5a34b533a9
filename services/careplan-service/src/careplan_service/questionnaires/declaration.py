"""What Questionnaires and their answers add to the declaration of the service."""

from __future__ import annotations

from careplan_service.questionnaires.answer_rows import keep_answers, keep_links_of_plan
from careplan_service.questionnaires.response_rules import answers_its_questionnaire, response_moves_by_the_table
from careplan_service.questionnaires.shipped_questionnaires import put_questionnaires
from tandem.service_part import Part

PART = Part(
    rules={"QuestionnaireResponse": (answers_its_questionnaire, response_moves_by_the_table)},
    reactions={"QuestionnaireResponse": (keep_answers,), "CarePlan": (keep_links_of_plan,)},
    seeds=(put_questionnaires,),
)
"""Stands first among the parts: the reactions of the others find the answers of the write that they react to."""

"""What linked extracts add to the declaration of the service."""

from __future__ import annotations

from cohort_service.extracts.extract_operation import extract
from cohort_service.extracts.kept_setting import refuse_another_key
from cohort_service.extracts.part_operation import extract_part
from tandem.service import Operation
from tandem.service_part import Part

PART = Part(
    checks=(refuse_another_key,),
    operations=(
        Operation(
            "extract", extract, type="Group", letter="c", writes=True, asynchronous=True,
            documentation="A linked extract of people's records under pseudonyms, without identifiers or free text.",
        ),
        Operation("extract-part", extract_part, type="Group", documentation="The rows of one part of an extract."),
    ),
)  # fmt: skip

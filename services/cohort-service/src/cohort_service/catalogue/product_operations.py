"""`Group/$load-product-map`: which BNF code a product has, so that value sets of the BNF know the products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cohort_service.catalogue.mark import current_mark, hold_catalogue
from cohort_service.catalogue.operators_only import for_operators
from cohort_service.catalogue.product_event import say_loaded
from cohort_service.catalogue.product_rows import count_products, give_bnf_codes, keep_products
from cohort_service.catalogue.reevaluation import evaluate_soon
from cohort_service.domain.product_map import read_products
from cohort_service.domain.value_set_files import UnreadableFile
from cohort_service.facts.concepts import concepts_of
from tandem.clock import to_micros
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_parameters import flag, whole_text
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.parameters_answer import answer, number, parts, text
from tandem.fhir.request import FhirResponse
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_MOST_FAULTS = 1_000


async def load_product_map(call: OperationCall) -> FhirResponse:
    """Take the products of `file`, the text of a CSV with a header; with `dry-run` only check it.

    A product that is held takes its new codes, so a file may come in pieces, each with the header; `firstLine` is then
    the number that the line after the header has in the file. A line that is no product refuses the text as a whole,
    unless `lenient`. Raises FhirError 400, 403, 422 naming each line.
    """
    for_operators(call, "loads the map of products")
    try:
        products, refused = read_products(whole_text(call, "file"), first_line=_first_line(call))
    except UnreadableFile as error:
        raise FhirError(Kind.INVALID, f"The file cannot be read: {error}", expression="file") from None
    if refused and not flag(call, "lenient"):
        raise FhirError(Kind.INVALID, issues=[Issue(str(fault)) for fault in refused[:_MOST_FAULTS]])
    given, total, now = 0, 0, call.kernel.clock.now()
    if not flag(call, "dry-run"):
        async with call.kernel.database.transaction() as connection:
            await hold_catalogue(connection)
            await keep_products(connection, products)
            await say_loaded(work_of(call, connection, now), products, call.kernel.ids)
            given = await give_bnf_codes(connection, concepts_of(connection))
            total = await count_products(connection)
            if given:
                await evaluate_soon(connection, await current_mark(connection), now, cohorts=None)
            entry = audit_entry(call.request, "$load-product-map", to_micros(now), resource_type="Group")
            await record(connection, [entry])
    found = [number("products", len(products)), number("held", total), number("recordedCodesGivenBnf", given)]
    found += [parts("refused", [number("line", each.line), text("reason", str(each))]) for each in refused]
    return answer(found)


def _first_line(call: OperationCall) -> int:
    line = call.one("firstLine")
    if line is None:
        return 2
    if type(line) is not int or line < 2:
        raise FhirError(Kind.BAD_REQUEST, "firstLine is a whole number from 2 on", expression="firstLine")
    return line

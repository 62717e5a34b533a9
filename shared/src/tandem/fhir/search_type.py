"""FHIR search-type interaction, GET and POST: http://hl7.org/fhir/R4/http.html#search"""

from __future__ import annotations

from tandem.clock import to_micros
from tandem.fhir.auditing import audit_reads
from tandem.fhir.kernel import Kernel
from tandem.fhir.request import FhirRequest, FhirResponse, parse_pairs
from tandem.fhir.search.bundle import search_bundle, signed_for
from tandem.fhir.search.engine import search
from tandem.fhir.search.paging import verify, without_page
from tandem.fhir.search.predicates import Params
from tandem.fhir.search.query import SearchQuery, parse_query
from tandem.fhir.search.where import Access
from tandem.identity.access import visible


async def search_type(kernel: Kernel, request: FhirRequest, resource_type: str) -> FhirResponse:
    """A searchset Bundle of what matches and the caller may see.

    Raises FhirError 400 naming every undeclared parameter, modifier, sort, include (unless `Prefer: handling=lenient`).
    """
    pairs, token = without_page(search_pairs(request))
    query = parse_query(
        resource_type, pairs, request.prefers("handling=lenient"), base=kernel.base, service=kernel.service.name
    )
    organisation = request.caller.organisation
    page = verify(kernel.page_secret, token, signed_for(query), organisation) if token is not None else None
    async with kernel.database.read() as connection:
        result = await search(connection, query, search_access(kernel, request, query), page=page)
    body = search_bundle(query, result, base=kernel.base, secret=kernel.page_secret, organisation=organisation)
    patients = {found.patient for found in (*result.matches, *result.included)}
    now = to_micros(kernel.clock.now())
    await audit_reads(kernel.database, request, "search-type", resource_type, patients, now)
    return FhirResponse(200, body)


def search_access(kernel: Kernel, request: FhirRequest, query: SearchQuery) -> Access:
    """The caller's access as a clause; narrowed to the type where no other type can come into the result."""
    now = to_micros(kernel.clock.now())
    alone = not (query.includes or query.revincludes)

    def access(alias: str, params: Params) -> str:
        return visible(
            request.caller, alias, params.values, now,
            resource_type=query.type_name if alone and alias == "r" else None, registered_only=kernel.registered_only(),
        )  # fmt: skip

    return access


def search_pairs(request: FhirRequest) -> list[tuple[str, str]]:
    """The search parameters of the address and, for POST, of the form in the body."""
    pairs = request.parameters()
    if request.method == "POST" and request.body:
        pairs += parse_pairs(request.body.decode())
    return pairs

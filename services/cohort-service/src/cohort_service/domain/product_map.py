"""The map of products: which BNF code and which substance a product of dm+d has.

NHSBSA publishes it as "BNF SNOMED mapping data"
(https://www.nhsbsa.nhs.uk/prescription-data/understanding-our-data/bnf-snomed-mapping). The first nine characters of a
BNF code name the chemical substance, so that two products of one substance are known even where no column says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cohort_service.domain.value_set_files import UnreadableFile, column, table
from tandem.canonical import SNOMED_CT
from tandem.nhs.snomed_ct import concept_fault
from tandem.nhs.value_set import BNF, Refused

_CODE = ("snomedcode", "snomedctcode", "productcode", "dmdcode", "dmdid", "code")
_BNF = ("bnfcode", "bnf")
_SUBSTANCE = ("substance", "substancecode", "vtmcode", "vtm")
_BNF_CODE = re.compile(r"[0-9]{2}[0-9A-Z]{2,13}")
_SUBSTANCE_LENGTH = 9


@dataclass(frozen=True, slots=True)
class Product:
    """A product by its SNOMED CT (dm+d) code; `substance` is the SNOMED CT code of its substance where it was given."""

    code: str
    bnf: str
    substance: str | None = None


def substance_of(bnf: str, substance: str | None) -> tuple[str, str] | None:
    """System and code of a product's substance; None when its BNF code is too short to name one."""
    if substance is not None:
        return SNOMED_CT, substance
    return (BNF, bnf[:_SUBSTANCE_LENGTH]) if len(bnf) >= _SUBSTANCE_LENGTH else None


def read_products(text: str, *, first_line: int = 2) -> tuple[list[Product], list[Refused]]:
    """The products of a file and the lines that are none.

    Lines without a code or a BNF code are left out: the published file has some. `first_line` is the number of the line
    after the header. Raises UnreadableFile when the columns are not there.
    """
    rows = table(text)
    _, header = next(rows, (0, []))
    code, bnf, substance = column(header, _CODE), column(header, _BNF), column(header, _SUBSTANCE)
    if code is None or bnf is None:
        raise UnreadableFile("the first line names no columns of products: SNOMED Code and BNF Code are expected")
    products: dict[str, Product] = {}
    refused: list[Refused] = []
    for line, row in ((line + first_line - 2, row) for line, row in rows):
        if len(row) != len(header):
            refused.append(Refused(line, "", f"it has {len(row)} columns, the header has {len(header)}"))
            continue
        if not row[code] or not row[bnf]:
            continue
        product = Product(row[code], row[bnf].upper(), (row[substance] or None) if substance is not None else None)
        fault = _fault(product, products.get(product.code))
        if fault is not None:
            refused.append(Refused(line, product.code, fault))
        else:
            products[product.code] = product
    return list(products.values()), refused


def _fault(product: Product, before: Product | None) -> str | None:
    if (fault := concept_fault(product.code)) is not None:
        return fault
    if not _BNF_CODE.fullmatch(product.bnf):
        return "its BNF code is not two digits and up to 13 further digits and capital letters"
    if product.substance is not None and (fault := concept_fault(product.substance)) is not None:
        return f"its substance: {fault}"
    return "it stands there already with another BNF code" if before is not None and before != product else None

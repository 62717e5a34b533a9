"""What the catalogue adds to the declaration of the service."""

from __future__ import annotations

from cohort_service.catalogue.choice_operations import choices, choose
from cohort_service.catalogue.definition_operations import define, definitions, withdraw_definition
from cohort_service.catalogue.product_event import LOADED
from cohort_service.catalogue.product_operations import load_product_map
from cohort_service.catalogue.reevaluation import EVALUATE, evaluate_some
from cohort_service.catalogue.shipped import install_shipped
from cohort_service.catalogue.value_set_operations import load_value_set, value_sets
from tandem.service import Operation, Timer
from tandem.service_part import Part

PART = Part(
    timers=(Timer(EVALUATE, evaluate_some),),
    seeds=(install_shipped,),
    operations=(
        Operation(
            "load-value-set", load_value_set, type="Group", letter="c", writes=True,
            documentation="Install a version of one or more value sets from a code list; every code is checked.",
        ),
        Operation(
            "value-sets", value_sets, type="Group",
            documentation="The value sets, all versions, with counts; with `id` also their members.",
        ),
        Operation(
            "load-product-map", load_product_map, type="Group", letter="c", writes=True,
            documentation="Take the map from products of dm+d to codes of the BNF.",
        ),
        Operation(
            "define", define, type="Group", letter="c", writes=True,
            documentation="Install a version of a cohort definition, or with `dry-run` only check it.",
        ),
        Operation(
            "withdraw-definition", withdraw_definition, type="Group", letter="u", writes=True,
            documentation="Take a version of a definition out of force; the one before it holds again.",
        ),
        Operation(
            "definitions", definitions, type="Group",
            documentation="The cohort definitions in force, or all versions of one: text, status, dates, value sets.",
        ),
        Operation(
            "choose", choose, type="Group", letter="c", writes=True,
            documentation="A network switches an optional cohort on, or changes a local one, from a day on.",
        ),
        Operation(
            "choices", choices, type="Group",
            documentation="What the caller's network has chosen, and from when.",
        ),
    ),
    emits={LOADED: "An operator loaded which codes of the BNF products have; with these products."},
)  # fmt: skip

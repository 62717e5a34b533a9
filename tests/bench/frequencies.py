"""How often what is recorded: by age, from rough figures of English general practice, and with many codes that no
cohort asks for, as real records have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from cohort_service.domain.product_map import Product
from tandem.canonical import DMD, SNOMED_CT
from tandem.nhs.value_set import BNF, ValueSet


@dataclass(frozen=True, slots=True)
class Band:
    """People of some ages: their share, how many of them died in the last years, and how much is recorded."""

    name: str
    youngest: float
    oldest: float
    share: float
    died: float
    facts: float
    problems: float
    medicines: float


BANDS = (
    Band("child", 0, 18, 0.21, 0.0002, 12, 1, 1.0),
    Band("young", 18, 40, 0.29, 0.001, 24, 2, 2.5),
    Band("middle", 40, 65, 0.32, 0.005, 45, 5, 6.0),
    Band("old", 65, 80, 0.13, 0.03, 85, 12, 15.0),
    Band("oldest", 80, 100, 0.05, 0.12, 110, 18, 22.0),
)

OFTEN = {
    "hypertension": 14, "depression": 12, "diabetes": 7, "asthma": 6, "obesity": 10, "osteoarthritis": 8, "cancer": 4,
    "ischaemic-heart-disease": 4, "chronic-kidney-disease": 5, "atrial-fibrillation": 3, "copd": 3, "heart-failure": 2,
    "stroke-or-tia": 2, "musculoskeletal-pain": 9, "falls": 4, "dementia": 1, "efi-hypertension": 6,
    "care-home-residence": 0.3, "care-home-stay": 0.3, "secure-mental-health-unit": 0.02, "end-of-life": 0.4,
    "unplanned-admission": 4, "fast-track-cancer-referral": 1.5, "supported-living-or-extra-care": 0.1,
    "died-in-care-home": 0.02,
}  # fmt: skip
"""Weights of problems; a value set that is not here has 1.0, and each of its codes its part."""
MEASURED = {
    "estimated-gfr": (70.0, 20), "body-mass-index": (27.0, 20), "oxygen-saturation": (96.0, 5), "news2-score": (2.0, 1),
    "frailty-index-score": (0.2, 2), "renal-function-test": (None, 20), "electrolytes-test": (None, 20),
    "full-blood-count": (None, 20), "liver-function-test": (None, 15), "thyroid-function-test": (None, 8),
    "lithium-level": (None, 0.5), "consultation": (None, 60), "smoking-current": (None, 6),
    "smoking-former": (None, 10),
    "smoking-never": (None, 15), "cervical-screening": (None, 5), "breast-screening": (None, 4),
    "bowel-screening": (None, 4),
}  # fmt: skip
PRESCRIBED = {
    "gastroprotection": 8, "ace-inhibitor": 6, "nsaid": 3, "opioid": 4, "aspirin": 4, "oral-anticoagulant": 2,
    "loop-diuretic": 2, "benzodiazepine-or-z-drug": 2, "gabapentinoid": 2, "angiotensin-receptor-blocker": 3,
    "beta-blocker-non-selective": 1, "antiplatelet-other-than-aspirin": 1.5, "methotrexate": 0.3, "lithium": 0.1,
    "amiodarone": 0.1, "polypharmacy-exclusions": 15,
}  # fmt: skip
_UNASKED_FACTS, _UNASKED_SUBSTANCES, _PRODUCTS_EACH = 2_500, 300, 3


@dataclass(frozen=True, slots=True)
class Code:
    """One code to be drawn; `mean` of its values, None where it has none."""

    system: str
    code: str
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Draws:
    """What is drawn from, each beside its cumulative weights."""

    problems: list[Code]
    problem_weights: dict[str, list[float]]
    others: list[Code]
    other_weights: list[float]
    medicines: list[Code]
    medicine_weights: list[float]
    products: list[Product]


def draws(value_sets: Iterable[ValueSet]) -> Draws:
    """From the codes of these value sets, and others."""
    sets = list(value_sets)
    of_medicines = [each for each in sets if any(member.system in (BNF, DMD) for member in each.members)]
    of_facts = [each for each in sets if each not in of_medicines]
    problems = [each for each in of_facts if each.id not in MEASURED]
    weighted = [(Code(m.system, m.code), OFTEN.get(s.id, 1.0) / len(s.members)) for s in problems for m in s.members]
    measured = [
        (Code(m.system, m.code, MEASURED[s.id][0]), MEASURED[s.id][1] / len(s.members))
        for s in of_facts if s.id in MEASURED
        for m in s.members
    ]  # fmt: skip
    unasked = [(Code(SNOMED_CT, f"9{n:07d}01"), 800.0 / (n + 10)) for n in range(_UNASKED_FACTS)]
    products = _products(of_medicines)
    others = measured + unasked
    return Draws(
        [code for code, _ in weighted],
        {band: list(accumulate(_by_age(weighted, band))) for band in ("child", "young", "middle", "old", "oldest")},
        [code for code, _ in others], list(accumulate(weight for _, weight in others)),
        [Code(DMD, product.code) for product, _ in products], list(accumulate(weight for _, weight in products)),
        [product for product, _ in products],
    )  # fmt: skip


def _by_age(weighted: Sequence[tuple[Code, float]], band: str) -> Iterable[float]:
    """Rare problems of the old are rarer still among the young."""
    rare = {"child": 0.2, "young": 0.5, "middle": 1.0, "old": 1.0, "oldest": 1.0}[band]
    return (weight * rare if weight < 1 else weight for _, weight in weighted)


def _products(sets: Collection[ValueSet]) -> list[tuple[Product, float]]:
    """Products of dm+d with codes of the BNF: of each paragraph that a value set names, and of others."""
    found: list[tuple[Product, float]] = []
    for value_set in sets:
        prefixes = [member.code for member in value_set.members if member.prefix]
        for prefix in prefixes:
            found += _of_paragraph(prefix, PRESCRIBED.get(value_set.id, 1.0) / len(prefixes), len(found), substances=3)
    for number in range(_UNASKED_SUBSTANCES):
        paragraph = f"{number % 10 + 1:02d}{number // 100 + 4:02d}{number // 10 % 10 + 1:02d}"
        found += _of_paragraph(paragraph, 150.0 / (number + 10), len(found), substances=1, first=number % 97)
    return found


def _of_paragraph(
    prefix: str, weight: float, first_code: int, *, substances: int, first: int = 0
) -> list[tuple[Product, float]]:
    each = weight / substances / _PRODUCTS_EACH
    return [
        (Product(f"8{first_code + place:07d}01", f"{_substance(prefix, first + substance)}AA{product:02d}"), each)
        for place, (substance, product) in enumerate(
            (substance, product) for substance in range(substances) for product in range(_PRODUCTS_EACH)
        )
    ]


def _substance(prefix: str, number: int) -> str:
    """Nine characters of a BNF code: paragraph, and the substance in it."""
    if len(prefix) >= 9:
        return prefix[:9]
    return (prefix + "01" * 3)[: max(6, len(prefix))].ljust(7, "0") + f"{number % 100:02d}"

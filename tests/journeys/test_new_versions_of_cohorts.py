"""A new version of a definition changes who is on a list from then on; the system is the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import httpx
import pytest

from tandem.synth.formulary import FORMULARY
from tandem_tests.practice_lists import RESIDENCE, PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem

START = "2020-07-01T09:00+01:00"
POLYPHARMACY, MULTIMORBIDITY, RESIDENTS = "smr-polypharmacy", "smr-multimorbidity", "care-home-residents"
TEN = (
    "amlodipine", "ramipril", "bisoprolol", "furosemide", "apixaban", "atorvastatin", "metformin", "lansoprazole",
    "paracetamol", "macrogol",
)  # fmt: skip
COPD, DIABETES = ("13645005", "Chronic obstructive lung disease"), ("44054006", "Type 2 diabetes mellitus")
USE_REVIEW = ("279681000000105", "Dispensing review of use of medicines")
EXTRA_CARE = ("extra-care-housing", "Lives in extra care housing")
CARE_HOME = ("248171000000108", "Lives in care home")
REVIEWED = """exclude:
  - because: Had a medicines use review
    when:
      recorded: {any_of: [medicines-use-review], ever: true}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """Of these tests alone: a version is in force for everybody. Each test changes a cohort of its own."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("versions"), "--clock", START)
    system.start()
    yield system
    system.stop()


def shipped(cohort: str) -> str:
    """The text of the shipped definition."""
    return files("cohort_service.definitions").joinpath(f"{cohort}.yaml").read_text("utf-8")


async def define(http: httpx.AsyncClient, practice: PracticeLists, text: str) -> None:
    """An operator installs a version."""
    await practice.here.client(http, "operator").call("POST", "Group/$define", {
        "resourceType": "Parameters", "parameter": [{"name": "definition", "valueString": text}],
    })  # fmt: skip
    await practice.client.caught_up()


@pytest.mark.requirement("SMR-010")
async def test_ten_medicines_are_listed_nine_are_not_until_a_version_says_nine(
    own: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, own)
    ten, nine = await practice.register(), await practice.register()
    products = [(FORMULARY[name].code, FORMULARY[name].name) for name in TEN]
    await practice.prescribe(ten, *products)
    await practice.prescribe(nine, *products[1:])
    assert await practice.identify(POLYPHARMACY) == {POLYPHARMACY: 1}
    assert await practice.listed(POLYPHARMACY) == [ten]
    changed = shipped(POLYPHARMACY).replace('version: "1"', 'version: "2"').replace("medicines: 10\n", "medicines: 9\n")
    await define(http, practice, changed)
    assert await practice.identify(POLYPHARMACY) == {POLYPHARMACY: 2}
    assert set(await practice.listed(POLYPHARMACY)) == {ten, nine}


@pytest.mark.requirement("SMR-059")
async def test_a_medicines_use_review_makes_no_difference_until_a_version_says_so(
    own: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, own)
    reviewed, other = await practice.register(), await practice.register()
    for person in (reviewed, other):
        await practice.diagnose(person, COPD, DIABETES)
    await practice.do(reviewed, USE_REVIEW, "2020-03-10")
    assert await practice.identify(MULTIMORBIDITY) == {MULTIMORBIDITY: 2}
    changed = shipped(MULTIMORBIDITY).replace('version: "1"', 'version: "2"').replace("rank:\n", f"{REVIEWED}rank:\n")
    await define(http, practice, changed)
    assert await practice.identify(MULTIMORBIDITY) == {MULTIMORBIDITY: 1}
    assert await practice.listed(MULTIMORBIDITY) == [other]
    assert (await practice.why(MULTIMORBIDITY, reviewed)).exclusions == ("Had a medicines use review",)


async def test_the_kinds_of_home_in_scope_can_be_read_and_changed(
    own: EmbeddedTandem, http: httpx.AsyncClient
) -> None:
    practice = await practice_lists(http, own)
    resident, in_extra_care = await practice.register(), await practice.register()
    await practice.observe(resident, CARE_HOME, "2020-06-01")
    await practice.observe(in_extra_care, EXTRA_CARE, "2020-06-01", system=RESIDENCE)
    await practice.client.caught_up()
    read = await practice.client.call("GET", f"Group/$definitions?id={RESIDENTS}")
    assert "Lives in supported living or extra care housing" in str(read)
    assert await practice.listed(RESIDENTS) == [resident]
    text = shipped(RESIDENTS).replace('version: "3"', 'version: "4"')
    kept_off = text.index("  - because: Lives in supported living")
    widened = text[:kept_off] + text[text.index("  - because: Is in the care home") :]
    await define(http, practice, widened)
    await practice.identify(RESIDENTS)
    assert set(await practice.listed(RESIDENTS)) == {resident, in_extra_care}

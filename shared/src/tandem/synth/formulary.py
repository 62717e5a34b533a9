"""The medicines that the synthetic network prescribes: virtual products of dm+d and how each is taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Medicine:
    """A dm+d virtual medicinal product; `supply` is the quantity of one issue, counted in `unit`."""

    code: str
    name: str
    dose: str
    supply: int = 28
    unit: str = "tablet"


FORMULARY: dict[str, Medicine] = {
    "amlodipine": Medicine("319283006", "Amlodipine 5mg tablets", "One to be taken each day"),
    "amitriptyline": Medicine(
        "35901411000001107", "Amitriptyline 25mg/5ml oral solution sugar free", "One 5ml spoonful to be taken at night",
        150, "ml",
    ),
    "amoxicillin": Medicine(
        "39732311000001104", "Amoxicillin 250mg capsules",
        "Two to be taken three times a day for five days", 30, "capsule",
    ),
    "apixaban": Medicine("703908001", "Apixaban 5mg tablets", "One to be taken twice a day", 56),
    "apixaban-low": Medicine("703907006", "Apixaban 2.5mg tablets", "One to be taken twice a day", 56),
    "aspirin": Medicine("319773006", "Aspirin 75mg dispersible tablets", "One to be taken each day"),
    "atorvastatin": Medicine("39733011000001106", "Atorvastatin 20mg tablets", "One to be taken at night"),
    "bisoprolol": Medicine("318590006", "Bisoprolol 5mg tablets", "One to be taken each morning"),
    "candesartan": Medicine("318979007", "Candesartan 8mg tablets", "One to be taken each day"),
    "codeine": Medicine("42010411000001105", "Codeine 30mg tablets", "One to be taken up to four times a day", 56),
    "edoxaban": Medicine("29903411000001101", "Edoxaban 60mg tablets", "One to be taken each day"),
    "eplerenone": Medicine("407011007", "Eplerenone 25mg tablets", "One to be taken each day"),
    "fluoxetine": Medicine(
        "24128411000001103", "Fluoxetine 20mg orodispersible tablets sugar free", "One to be taken each morning"
    ),
    "furosemide": Medicine("317972000", "Furosemide 40mg tablets", "One to be taken each morning"),
    "gabapentin": Medicine("323021008", "Gabapentin 600mg tablets", "One to be taken three times a day", 84),
    "ibuprofen": Medicine("329653008", "Ibuprofen 400mg tablets", "One to be taken three times a day after food", 84),
    "lactulose": Medicine(
        "10791711000001102", "Lactulose 10g oral powder sachets", "One sachet to be taken twice a day", 56, "sachet"
    ),
    "lansoprazole": Medicine(
        "42354611000001108", "Lansoprazole 30mg gastro-resistant capsules",
        "One to be taken each morning", 28, "capsule",
    ),
    "lansoprazole-low": Medicine(
        "42354511000001109", "Lansoprazole 15mg gastro-resistant capsules",
        "One to be taken each morning", 28, "capsule",
    ),
    "macrogol": Medicine(
        "13639611000001106", "Macrogol compound oral powder sachets NPF",
        "One sachet to be taken each day", 30, "sachet",
    ),
    "metformin": Medicine("325278007", "Metformin 500mg tablets", "One to be taken twice a day with meals", 56),
    "methotrexate": Medicine("326874007", "Methotrexate 2.5mg tablets", "Four to be taken once a week on Mondays", 16),
    "paracetamol": Medicine(
        "42109611000001109", "Paracetamol 500mg tablets", "Two to be taken up to four times a day", 100
    ),
    "ramipril": Medicine("318902004", "Ramipril 5mg capsules", "One to be taken each day", 28, "capsule"),
    "ramipril-low": Medicine("318901006", "Ramipril 2.5mg capsules", "One to be taken each day", 28, "capsule"),
    "rosuvastatin": Medicine("42297211000001100", "Rosuvastatin 10mg tablets", "One to be taken each day"),
    "salbutamol": Medicine(
        "39113611000001102", "Salbutamol 100micrograms/dose inhaler CFC free",
        "One or two puffs to be inhaled up to four times a day", 200, "dose",
    ),
    "temazepam": Medicine("321152004", "Temazepam 10mg tablets", "One to be taken at night when required"),
    "ticagrelor": Medicine("704465002", "Ticagrelor 90mg tablets", "One to be taken twice a day", 56),
    "warfarin": Medicine("319733000", "Warfarin 1mg tablets", "As the anticoagulant clinic directs", 84),
    "zopiclone": Medicine("321175006", "Zopiclone 7.5mg tablets", "One to be taken at night"),
    "zopiclone-low": Medicine("321177003", "Zopiclone 3.75mg tablets", "One to be taken at night"),
}  # fmt: skip

FOR_PROBLEM: dict[str, tuple[tuple[str, ...], ...]] = {
    "hypertension": (("amlodipine", "amlodipine", "ramipril"), ("ramipril", "candesartan", "")),
    "diabetes": (("metformin",), ("atorvastatin", "rosuvastatin", "")),
    "copd": (("salbutamol",),),
    "asthma": (("salbutamol",),),
    "atrial-fibrillation": (("apixaban", "edoxaban", "warfarin", "apixaban-low"), ("bisoprolol",)),
    "heart-failure": (("furosemide",), ("bisoprolol",), ("ramipril-low", "candesartan"), ("eplerenone", "")),
    "heart-disease": (("aspirin", "aspirin", "ticagrelor"), ("atorvastatin",), ("bisoprolol", "")),
    "stroke": (("aspirin", ""), ("atorvastatin",)),
    "depression": (("fluoxetine", "fluoxetine", ""),),
    "osteoarthritis": (("paracetamol", "paracetamol", ""), ("ibuprofen", "", "")),
}
"""What is prescribed for a problem: of each group one is drawn, "" standing for nothing."""

SYMPTOMATIC = (
    "paracetamol", "lansoprazole", "macrogol", "lansoprazole-low", "zopiclone-low", "gabapentin", "lactulose",
    "aspirin", "paracetamol", "temazepam", "zopiclone", "methotrexate", "macrogol", "lansoprazole",
    "atorvastatin", "amitriptyline", "salbutamol", "furosemide", "amlodipine",
)  # fmt: skip
"""What the old and frail are given besides, drawn until there is enough of it."""
SAME_INGREDIENT = ({"ramipril", "ramipril-low", "candesartan"}, {"atorvastatin", "rosuvastatin"},
                   {"apixaban", "apixaban-low", "edoxaban", "warfarin"}, {"lansoprazole", "lansoprazole-low"},
                   {"zopiclone", "zopiclone-low", "temazepam"}, {"aspirin", "ticagrelor"})  # fmt: skip
"""Nobody has two of one of these sets."""

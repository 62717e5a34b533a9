"""Ten of the rules as somebody who knows the tables would write them by hand, for PostgreSQL, SQLite and DuckDB alike.

`{name}` stands for the concept numbers of a value set, `{today}` for the day that is looked at, `{m3}` for the day
three months before it, and `{b65}` for the last birthday of those who are 65 by then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from cohort_service.domain.definition_language.days import back, latest_birth
from cohort_service.domain.definition_language.nodes import Span
from cohort_service.selection.selection import Selection
from tandem.london_days import day_number

_HERE = "(p.died IS NULL OR p.died > {today}) AND (p.left_on IS NULL OR p.left_on > {today})"
_CURRENT = "f.starts <= {today} AND (f.ends IS NULL OR f.ends > {today})"
_IN_3_MONTHS = "m.starts <= {today} AND (m.ends IS NULL OR (m.ends > {m3} AND m.ends > m.starts))"

RULES: dict[str, str] = {
    "multimorbidity": f"""
SELECT p.number FROM person p JOIN (
  SELECT f.person, COUNT(DISTINCT c.category) AS conditions FROM fact f JOIN conditions c
    ON c.concept = f.concept WHERE {_CURRENT} GROUP BY f.person
) had ON had.person = p.number WHERE {_HERE} AND had.conditions >= 2""",
    "efi-severe": f"""
SELECT p.number FROM person p JOIN (
  SELECT person, COUNT(*) AS deficits FROM (
    SELECT DISTINCT f.person, d.category FROM fact f JOIN deficits d
      ON d.concept = f.concept WHERE f.starts <= {{today}}
    UNION ALL
    SELECT m.person, -1 FROM medicine m JOIN concept c ON c.number = m.product
      WHERE m.starts <= {{today}} AND (m.ends IS NULL OR (m.ends > {{m12}} AND m.ends > m.starts))
      GROUP BY m.person HAVING COUNT(DISTINCT COALESCE(c.substance, c.number)) >= 5
  ) AS each_once GROUP BY person HAVING COUNT(*) >= 13
) had ON had.person = p.number WHERE {_HERE} AND p.born <= {{b65}}""",
    "smr-polypharmacy": f"""
SELECT p.number FROM person p JOIN (
  SELECT m.person FROM medicine m JOIN concept c ON c.number = m.product
    WHERE m.starts <= {{today}} AND (m.ends IS NULL OR m.ends > {{today}})
      AND NOT EXISTS (SELECT 1 FROM medicine x WHERE x.record = m.record AND x.concept IN {{polypharmacy-exclusions}})
    GROUP BY m.person HAVING COUNT(DISTINCT COALESCE(c.substance, c.number)) >= 10
) had ON had.person = p.number WHERE {_HERE}""",
    "pincer-gi-a": f"""
SELECT p.number FROM person p WHERE {_HERE} AND p.born <= {{b65}}
  AND p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{nsaid}} AND {_IN_3_MONTHS})
  AND NOT EXISTS (SELECT 1 FROM medicine m WHERE m.person = p.number AND m.concept IN {{gastroprotection}}
                  AND {_IN_3_MONTHS})""",
    "pincer-hf-i": f"""
SELECT p.number FROM person p WHERE {_HERE} AND p.born <= {{b18}}
  AND p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{nsaid}} AND {_IN_3_MONTHS})
  AND p.number IN (SELECT f.person FROM fact f WHERE f.concept IN {{heart-failure}} AND {_CURRENT})""",
    "pincer-ki-k": f"""
SELECT p.number FROM person p JOIN (
  SELECT person, value, ROW_NUMBER() OVER (PARTITION BY person
      ORDER BY starts DESC, record DESC, value IS NULL, value DESC) AS place
    FROM fact WHERE concept IN {{estimated-gfr}} AND starts <= {{today}}
) newest ON newest.person = p.number AND newest.place = 1 AND newest.value >= 1 AND newest.value < 45
WHERE {_HERE} AND p.born <= {{b18}}
  AND p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{nsaid}} AND {_IN_3_MONTHS})""",
    "pincer-mo-ac": f"""
SELECT p.number FROM person p WHERE {_HERE} AND p.born <= {{b75}}
  AND (p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{ace-inhibitor}}
                   AND m.starts <= {{today}} AND (m.ends IS NULL OR (m.ends > {{m6}} AND m.ends > m.starts)))
       AND p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{ace-inhibitor}}
                   AND m.starts > -1000000 AND m.starts <= {{m15}})
    OR p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{loop-diuretic}}
                   AND m.starts <= {{today}} AND (m.ends IS NULL OR (m.ends > {{m6}} AND m.ends > m.starts)))
       AND p.number IN (SELECT m.person FROM medicine m WHERE m.concept IN {{loop-diuretic}}
                   AND m.starts > -1000000 AND m.starts <= {{m15}}))
  AND NOT (
    p.number IN (SELECT f.person FROM fact f WHERE f.concept IN {{renal-function-test}}
                 AND f.starts BETWEEN {{m15}} AND {{today}})
    AND p.number IN (SELECT f.person FROM fact f WHERE f.concept IN {{electrolytes-test}}
                     AND f.starts BETWEEN {{m15}} AND {{today}}))""",
    "sdm-atrial-fibrillation": f"""
SELECT p.number FROM person p WHERE {_HERE}
  AND p.number IN (SELECT f.person FROM fact f WHERE f.concept IN {{atrial-fibrillation}} AND {_CURRENT})""",
    "repeated-unplanned-admissions": f"""
SELECT p.number FROM person p JOIN (
  SELECT person FROM fact WHERE concept IN {{unplanned-admission}} AND starts BETWEEN {{m12}} AND {{today}}
    GROUP BY person HAVING COUNT(DISTINCT record) >= 2
) had ON had.person = p.number WHERE {_HERE}""",
    "suspected-cancer-safety-netting": f"""
SELECT p.number FROM person p WHERE {_HERE}
  AND p.number IN (SELECT f.person FROM fact f WHERE f.concept IN {{fast-track-cancer-referral}}
                   AND f.starts BETWEEN {{m6}} AND {{today}})""",
}

_CONDITIONS = (
    "hypertension ischaemic-heart-disease heart-failure atrial-fibrillation stroke-or-tia peripheral-arterial-disease"
    " diabetes copd asthma chronic-kidney-disease dementia depression epilepsy parkinsons-disease osteoarthritis"
    " osteoporosis learning-disability cancer"
).split()


def together(selection: Selection, as_of: date) -> str:
    """All ten in one statement: rows (cohort, person)."""
    values = _values(selection, as_of)
    rules = "\nUNION ALL ".join(
        f"SELECT '{cohort}' AS cohort, number AS person FROM ({_filled(text, values)}) AS one"
        for cohort, text in RULES.items()
    )
    return (
        f"WITH conditions (concept, category) AS (VALUES {_pairs(selection, _CONDITIONS)}),"
        f" deficits (concept, category) AS (VALUES {_pairs(selection, selection.groups['efi'])})\n{rules}"
    )


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _values(selection: Selection, as_of: date) -> dict[str, str]:
    sets = selection.value_sets
    values = {name: _listed(numbers) for name, numbers in sets.items()}
    values["today"] = str(day_number(as_of))
    values |= {f"m{months}": str(day_number(back(as_of, Span(months, "months")))) for months in (3, 6, 12, 15)}
    values |= {f"b{years}": str(day_number(latest_birth(as_of, years))) for years in (18, 65, 75)}
    return values


def _listed(numbers: tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers)) or 'NULL'})"


def _pairs(selection: Selection, names: Sequence[str]) -> str:
    return ", ".join(
        f"({concept}, {place})" for place, name in enumerate(names) for concept in selection.value_sets[name]
    )

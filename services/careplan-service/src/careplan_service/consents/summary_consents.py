"""Where a person stands with the enriched summary: the newest thing they said."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.identity.periods import bounds, period_of
from tandem.nhs.summary_consent import Said, said_by
from tandem.service import Change, Work


@dataclass(frozen=True, slots=True)
class SummaryConsent:
    """`said` is None when the person was never asked, or has not answered; `consent` is Consent.id. `holds`: the
    answer is yes, and its period lasts."""

    said: Said | None = None
    consent: str | None = None
    holds: bool = False


async def summary_consent(connection: Connection, patient: str, now_us: int) -> SummaryConsent:
    """What the person (Patient.id) last said. A yes that is dated ahead does not count yet; of two of one time, the
    one that does not open counts."""
    row = await connection.fetchrow(
        "SELECT consent, said, starts, ends FROM summary_consent WHERE patient = $1 AND (at <= $2 OR said <> 'yes')"
        " ORDER BY at DESC, CASE WHEN said = 'yes' THEN 1 ELSE 0 END, consent LIMIT 1", patient, now_us,
    )  # fmt: skip
    if row is None:
        return SummaryConsent()
    holds = row["said"] == "yes" and row["starts"] <= now_us < row["ends"]
    return SummaryConsent(row["said"], row["consent"], holds)


async def keep_summary_consent(change: Change, work: Work) -> None:
    """Keep what one Consent says; one that is deleted, or an error, says nothing."""
    earlier = await work.connection.fetchrow("SELECT said, at FROM summary_consent WHERE consent = $1", change.id)
    await work.connection.execute("DELETE FROM summary_consent WHERE consent = $1", change.id)
    said = said_by(change.after) if change.after is not None else None
    if said is None or change.after is None or change.patient is None:
        return
    given = change.after.get("dateTime")
    at = bounds(str(given))[0] if given else to_micros(change.now)
    if said == "withdrawn" and earlier is not None:
        # Taken back now, and not when it was given; a later version of the same says nothing new.
        at = int(earlier["at"]) if earlier["said"] == said else max(at, to_micros(change.now))
    starts, ends = period_of((change.after.get("provision") or {}).get("period"))
    await work.connection.execute(
        "INSERT INTO summary_consent (consent, patient, said, at, starts, ends) VALUES ($1, $2, $3, $4, $5, $6)",
        change.id, change.patient, said, at, starts, ends,
    )  # fmt: skip

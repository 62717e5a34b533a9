"""Consent to the enriched summary record, and to the part that a carer takes."""

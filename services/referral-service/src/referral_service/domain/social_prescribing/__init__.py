"""Social prescribing from the offer to the closed case."""

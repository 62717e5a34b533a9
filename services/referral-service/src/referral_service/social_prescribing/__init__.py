"""Social prescribing referrals."""

"""Rules of urgent suspected cancer referrals: why, by which steps, where to, and what the person is told."""

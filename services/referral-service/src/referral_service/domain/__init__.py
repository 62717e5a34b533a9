"""Rules of referrals; they know no database."""

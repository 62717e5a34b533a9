"""The schema of referral-service, version by version."""

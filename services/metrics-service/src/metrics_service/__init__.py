"""Did it help? Figures of shared care, kept from events and proved by the positions they were counted at."""

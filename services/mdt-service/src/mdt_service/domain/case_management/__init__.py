"""Rules of case management: contacts with hospital, following up, levels of need, reviews, case finding (003 §2)."""

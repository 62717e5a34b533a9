"""Personal health budgets: legal rights, offers of commissioners by year, the worklist, and what each person has."""

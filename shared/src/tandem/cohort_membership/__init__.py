"""Who is on which list, as a service keeps it from what cohort-service says."""

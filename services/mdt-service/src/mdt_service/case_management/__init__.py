"""Case management: what follows from contacts with hospital, reviews of people on the register, case finding."""

"""`/dashboard`: the position of a practice, a network or an area on each service, for people who sign in."""

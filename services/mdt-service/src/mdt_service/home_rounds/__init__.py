"""Home rounds: the weekly series of a care home, its rounds, whom they see, and whether they meet the specification."""

"""Rules of Tasks: when one is due, and what a change of one has to say."""

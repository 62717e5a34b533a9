"""Which organisations agreed on what locally: who manages a team, who governs what."""

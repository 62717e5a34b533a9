"""How able and confident people are to look after their health: the licensed measure, and the survey question."""

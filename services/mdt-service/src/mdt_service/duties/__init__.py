"""The duty register: what organisations owe by a day, its evidence, and how it is chased."""

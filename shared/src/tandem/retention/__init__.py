"""How long things are kept, and how the records of a person are erased."""

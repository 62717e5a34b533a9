"""The module of the Quality and Outcomes Framework that cancer work is evidence for."""

"""Networks: their members and lists, the care homes aligned to them, their staff, and who answers for a person."""

"""The named people around a person: who leads, who coordinates, who took over from whom."""

"""The Patient Activation Measure, and confidence in managing one's own health."""

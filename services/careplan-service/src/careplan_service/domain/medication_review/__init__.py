"""The structured medication review: rules of care, in the words of 000 §2."""

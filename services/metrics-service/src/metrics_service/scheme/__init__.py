"""The scheme of proactive coordinated primary care: who takes part in it, and its terms."""

"""The shared plan: what may be agreed, and what follows."""

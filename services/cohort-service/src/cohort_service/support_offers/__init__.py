"""The directory of support offers: who offers what to whom and when, and what nobody offers."""

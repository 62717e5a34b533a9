"""Proactive Coordinated Primary Care, the scheme of Doncaster CCG (003): its term, terms of payment and reports."""

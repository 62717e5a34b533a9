"""Frailty: the electronic frailty index of people, with what clinicians say beside it."""

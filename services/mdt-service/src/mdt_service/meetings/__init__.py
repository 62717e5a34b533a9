"""Meetings of teams, sessions on significant events, and the actions that come out of them."""

"""Rules of the case register for coordinated care (Doncaster specification, 2016)."""

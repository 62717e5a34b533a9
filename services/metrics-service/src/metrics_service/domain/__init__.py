"""Rules of what is counted, and of who may ask; they know no database."""

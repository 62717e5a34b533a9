"""Backup and restore of all databases of a deployment (docs/decisions/0016-backup-and-restore.md)."""

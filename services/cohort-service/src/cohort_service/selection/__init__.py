"""Definitions compiled to set-based SQL for SQLite, PostgreSQL, DuckDB and Spark. Text in, text out: no database."""

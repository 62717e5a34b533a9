"""The tables of facts as Parquet files, and the same definitions run over them by DuckDB or Spark."""

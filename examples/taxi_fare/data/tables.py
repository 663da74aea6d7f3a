"""Tables as plain rows: the one place that talks to Spark."""

from collections.abc import Iterable, Mapping
from typing import Any


def read_table(spark: Any, name: str) -> list[dict[str, Any]]:
    """All rows of a table. The project's tables fit into one machine's memory."""
    return [row.asDict() for row in spark.table(name).collect()]


def read_path(spark: Any, path: str) -> list[dict[str, Any]]:
    """All rows of a Delta table that is known by its path."""
    return [row.asDict() for row in spark.read.format("delta").load(path).collect()]


def replace_table(spark: Any, name: str, rows: Iterable[Mapping[str, Any]], *, columns: Mapping[str, str]) -> None:
    """Makes a table hold these rows and no others; `columns` are names and SQL types, in order."""
    schema = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    values = [tuple(row[column] for column in columns) for row in rows]
    frame = spark.createDataFrame(values, schema=schema)
    frame.write.mode("overwrite").option("overwriteSchema", "true").saveAsTable(name)

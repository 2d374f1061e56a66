"""Build some models through Spark Connect, in a process of its own: `warehouse lake address table …`.

PySpark has either a session of its own or one of a server in a process, and the other tests have one.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from pipelines.spark.build import SparkBuild, build_on_spark
from pipelines.spark.lake import Lake
from pipelines.spark.options import SparkOptions
from pipelines.spark.session import spark_session
from pipelines.warehouse import open_warehouse
from tests.models.test_increments import with_ancestors


def main(warehouse: str, lake: str, address: str, *tables: str) -> None:
    """Build the tables and all that they read, and print each as it is done."""
    models = with_ancestors(list(tables))
    connection = open_warehouse(Path(warehouse))
    with (
        tempfile.TemporaryDirectory() as scratch,
        spark_session(SparkOptions(remote=address), Path(scratch), is_small=True) as session,
    ):
        build_on_spark(
            SparkBuild(session, Lake(lake), connection),
            models,
            lambda built: print(built.name, flush=True),
        )
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

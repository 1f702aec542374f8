"""A Spark session: one that runs already, or a new one on this machine or a cluster, which says nothing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING

from concerted import machine
from concerted.engines import Resources
from concerted.errors import EngineError, MissingExtra

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MIB = 1 << 20
HERE = "local[*]"
JAVA = (
    "Spark needs Java 17 or later, and there is no java here: install it (on Debian: apt-get install "
    "openjdk-17-jre-headless), or let JAVA_HOME name its folder"
)
# whatever a site's own configuration says; results rest on the first two
ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.driver.maxResultSize": "0",
    # rows come to this process part by part, each of which its Java holds more than once
    "spark.sql.files.maxPartitionBytes": "16m",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
# of a session that is started here, be the workers here or on a cluster
STARTED = {
    # Java that has no memory left ends, rather than wait for threads that have ended
    "spark.driver.defaultJavaOptions": "-XX:+ExitOnOutOfMemoryError",
    # Spark makes this folder, for tables that nobody makes here, and else does so where a user stands
    "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "spark-warehouse"),
}
# one user's run on one machine: nobody else can reach it; parts of a shuffle that are small are put together
ON_THIS_MACHINE = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "64",
}


def check() -> None:
    """Raises MissingExtra where pyspark is absent, EngineError where Java is."""
    if find_spec("pyspark") is None:
        raise MissingExtra("pyspark", "spark")
    # of pandas, which Spark looks at whenever it is loaded, and nobody uses here
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=str(Path(home) / "bin") if home else None) is None:
        raise EngineError(JAVA)


def running() -> SparkSession | None:
    """The session that this process has already, such as that of a notebook."""
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    context = SparkContext._active_spark_context
    return None if context is None else SparkSession(context)


def start(resources: Resources) -> SparkSession:
    """A new session. Raises EngineError, with what Java said, where there can be none."""
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.logger import PySparkLogger
    from pyspark.sql import SparkSession

    # an error is told by whoever meets it, and once
    PySparkLogger.getLogger("SQLQueryContextLogger").disabled = True
    conf = SparkConf(loadDefaults=False).setAll(list(configuration(resources).items()))
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        try:
            quiet = {"stdout": said, "stderr": said}
            gateway = SparkContext._gateway or launch_gateway(conf, quiet)  # type: ignore[no-untyped-call]
            return SparkSession(SparkContext(conf=conf, gateway=gateway))
        except (PySparkException, Py4JError, OSError) as error:
            where = f"the cluster {resources.cluster}" if resources.cluster else "this machine"
            raise EngineError(f"Spark cannot be started on {where}: {_reason(error, said)}") from error


def configuration(resources: Resources) -> dict[str, str]:
    """The settings of a new session, by their names in Spark's documentation."""
    conf = {"spark.app.name": "concerted", "spark.master": resources.cluster or HERE, **ALWAYS, **STARTED}
    memory = resources.bytes
    if conf["spark.master"].startswith("local"):
        # workers find what this process finds, plug-ins included
        path = os.pathsep.join(entry for entry in sys.path if entry)
        conf |= {
            **ON_THIS_MACHINE,
            "spark.pyspark.python": sys.executable,
            "spark.executorEnv.PYTHONPATH": path,
        }
        # the other half is for Python
        memory = memory or (machine.memory() or 0) // 2
    if memory:
        whose = "driver" if conf["spark.master"].startswith("local") else "executor"
        conf[f"spark.{whose}.memory"] = f"{max(memory // MIB, 512)}m"
    return conf


def _reason(error: Exception, said: IO[str]) -> str:
    """The last line in which Java complained, else what Python was told."""
    said.seek(0)
    lines = [line.strip() for line in said.read().splitlines()]
    complaints = [line for line in lines if "Exception" in line or "Error" in line]
    return complaints[-1] if complaints else str(error).strip().splitlines()[0]

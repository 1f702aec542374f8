"""What all tests share: where data sets lie that are not part of the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from concerted import registry
from concerted.engines import Resources, open_engine, session
from concerted.engines.spark import Spark
from concerted.errors import EngineError, MissingExtra

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(
    (path for path in map(Path, ("/usr/bin/chromium", "/usr/bin/chromium-browser")) if path.exists()), None
)
FLAGS = [
    *("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "xdist_group(name): tests that one process runs")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file go to one process, but all that start Spark go to the same, since it starts once."""
    for item in items:
        called = getattr(item, "callspec", None)
        spark = called is not None and called.params.get("engine") == "spark"
        spark = spark or "spark" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("spark" if spark else item.path.stem))


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Resources]:
    """What opens the engine Spark, whose session starts once for all tests."""
    folder = tmp_path_factory.mktemp("spark")
    # many small queries: preparing to be fast takes longer than they do
    (folder / "spark-defaults.conf").write_text(
        "spark.sql.codegen.wholeStage false\n"
        "spark.sql.codegen.factoryMode NO_CODEGEN\n"
        "spark.sql.adaptive.enabled false\n",
        encoding="utf-8",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(folder))
        patch.setitem(session.ON_THIS_MACHINE, "spark.sql.shuffle.partitions", "2")
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        try:
            started = Spark(Resources("spark", memory="1GB", cluster="local[2]"))
            started.query("select 1 as one", {})
        except (EngineError, MissingExtra) as error:
            pytest.skip(str(error))
    with closing(started):
        yield Resources("spark")


@pytest.fixture(params=registry.names("engines"))
def engine(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Every engine there is, one after the other."""
    spark = request.param == "spark"
    asked = request.getfixturevalue("spark") if spark else Resources(request.param)
    with closing(open_engine(asked)) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium that asks the network for nothing of its own."""
    if CHROMIUM is None:
        pytest.skip("no Chromium in /usr/bin: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


def data_dir(name: str) -> Path:
    """The folder of a public data set; skips the test, saying why, where it is absent.

    Looks in the folder named by the environment variable CONCERTED_DATA, else in ../shared/data beside
    the repository.
    """
    base = Path(os.environ.get("CONCERTED_DATA", "") or ROOT.parent / "shared" / "data")
    folder = base / name
    if not folder.is_dir():
        pytest.skip(f"data set {name!r} is not in {base}: set CONCERTED_DATA to the folder that holds it")
    return folder

"""Airflow reads its settings when it is first imported: they are set here, before any test of the DAG."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

import pytest

from ingest import settings

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import DAG

HOME = tempfile.TemporaryDirectory(prefix="suheng-airflow-")
os.environ |= {
    "AIRFLOW_HOME": HOME.name,
    "AIRFLOW__CORE__DAGS_FOLDER": str(settings.ROOT / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{HOME.name}/airflow.db",
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}


@pytest.fixture(scope="session")
def dagbag() -> DagBag:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(settings.ROOT / "dags")


@pytest.fixture(scope="session")
def nightly(dagbag: DagBag) -> DAG:
    return dagbag.dags["nightly"]

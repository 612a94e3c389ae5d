"""What the DAGs share: the assets that they announce, and the copy that follows a publication."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, task
from airflow.sdk.exceptions import AirflowSkipException

PUBLICATION, CANDIDATE = Asset("suheng_publication"), Asset("suheng_candidate")


def tell(release: dict[str, Any]) -> dict[str, Any]:
    """What an event tells of a release."""
    return {key: release[key] for key in ("version", "content_hash")}


@task(task_display_name="复制到 PostgreSQL")
def serve() -> dict[str, Any]:
    """The copy in PostgreSQL, where there is to be one."""
    from warehouse.running import night

    if (served := night.serve()) is None:
        raise AirflowSkipException("没有设置 SUHENG_SERVING，或还没有发布")
    return served

"""DuckDB for Great Expectations, which has no DuckDB backend: one engine, one data source, one expectation."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Literal

import duckdb_sqlalchemy  # noqa: F401  registers the dialect "duckdb"
import great_expectations as gx
import sqlalchemy as sa
from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.sql_datasource import SQLDatasource
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation


class DuckDBExecutionEngine(SqlAlchemyExecutionEngine):
    """One connection to one file, with other files attached read-only under their names.

    GX reads a cursor after it has returned the connection to the pool, and a DuckDB result dies with the rollback of
    that check-in (fivetran/great_expectations#10738, #11579): so one connection is kept, as GX itself does for SQLite.
    """

    def __init__(self, *args: Any, attach: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

        @sa.event.listens_for(self.engine, "connect")
        def attach_files(connection: Any, _record: Any) -> None:
            for name, path in (attach or {}).items():
                connection.execute(f"""attach if not exists '{path.replace("'", "''")}' as "{name}" (read_only)""")

    @contextmanager
    def get_connection(self) -> Iterator[sa.Connection]:
        if self._connection is None or self._connection.closed:
            self._connection = self.engine.connect()
        yield self._connection

    def close(self) -> None:
        """Close the connection, and with it the lock on the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        super().close()


class DuckDBDatasource(SQLDatasource):
    """The schema marts of a DuckDB file, opened read-only: context.data_sources.add_duckdb(name, ..., attach=...)."""

    execution_engine_override: ClassVar[type[SqlAlchemyExecutionEngine]] = DuckDBExecutionEngine
    type: Literal["duckdb"] = "duckdb"  # type: ignore[assignment]
    attach: dict[str, str] = {}  # noqa: RUF012  a field of a pydantic model

    def __init__(self, **data: Any) -> None:
        # Set, not a default: GX drops unset fields when it builds the engine. AUTOCOMMIT: one broken rule must not
        # abort the transaction that all the others run in.
        data.setdefault("kwargs", {"isolation_level": "AUTOCOMMIT", "connect_args": {"read_only": True}})
        super().__init__(**data)

    @property
    def schema_(self) -> str | None:
        return "marts"

    def close(self) -> None:
        """Let go of the file: nobody can write to it before."""
        self.get_execution_engine().close()
        self.get_engine().dispose()


class ExpectNoOffendingRows(UnexpectedRowsExpectation):
    """The query returns no row. It only counts: its parent fetches the rows as well, and so runs each query twice."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("unexpected_rows_query.row_count",)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        return {"success": metrics["unexpected_rows_query.row_count"] == 0}


def open_context() -> EphemeralDataContext:
    """GX in memory: it writes no file, shows no progress and reports to nobody."""
    logging.getLogger("great_expectations").setLevel(logging.ERROR)  # a rule that crashes is a finding of ours
    quiet = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=quiet)

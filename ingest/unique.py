"""One record for each primary key: the first one stays."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.contract import Contract
from ingest.land import open_data
from ingest.reason import REJECTS


def drop_duplicates(data: Path, contract: Contract) -> pl.DataFrame:
    """Take all but the first record of each key out of the file; returns them as rejects."""
    keys = ", ".join(f'"{k}"' for k in contract.key)
    with duckdb.cursor() as con:  # of one connection: to open another costs more than a small file
        distinct = f"select count(*) = count(distinct hash({keys})) from read_parquet($1)"
        if (con.execute(distinct, [str(data)]).fetchone() or (False,))[0]:
            return pl.DataFrame(schema=REJECTS)
        repeated = con.execute(
            f"select record from (select record, row_number() over (partition by {keys} order by record) as n "
            "from read_parquet($1)) where n > 1 order by record",
            [str(data)],
        ).pl()
    first = contract.key[0]
    records = repeated["record"].to_numpy()
    draft = data.with_suffix(".draft")
    with pq.ParquetFile(data) as old, open_data(draft, contract) as writer:
        for batch in old.iter_batches():
            writer.write_batch(batch.filter(pa.array(~np.isin(batch.column(0).to_numpy(), records))))
    draft.replace(data)
    return repeated.select(
        pl.col("record"),
        column=pl.lit(first),
        reason=pl.lit("duplicate_key"),
        shape=pl.lit(""),
    )

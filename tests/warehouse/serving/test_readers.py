"""Eight readers while one version after the other is published: each sees one version, whole."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import duckdb
from soak import VERSIONS

from ingest import settings
from warehouse.releases import channel
from warehouse.releases import publish as publication

READERS = 8

# Reads on until its standard input ends, through the symlink and in every way that is meant: by our reader, by its own
# connection, and release.json from the folder that the symlink named at that moment.
READ = """
import json, select, sys
from pathlib import Path
import duckdb
from warehouse.building.fingerprint import content_hash
from warehouse.serving.reader import reading

current, seen, reads = Path(sys.argv[1]), set(), 0
SQL = "select version, run, content_hash, min(value), max(value), count(value) from marts.release, "
SQL += "marts.indicator_values group by all"
while not select.select([sys.stdin], [], [], 0.8)[0]:
    with reading() as con:
        seen.add((*con.execute(SQL).fetchone(),))
    with duckdb.connect(str(current / "suheng.duckdb"), read_only=True) as con:
        seen.add((*con.execute(SQL).fetchone(),))
    version = current.resolve()
    release = json.loads((version / "release.json").read_text("utf-8"))
    assert release["content_hash"] == content_hash(version / "suheng.duckdb")
    assert release["version"] == version.name
    reads += 3
    if reads == 3:
        print("reading", flush=True)
print(json.dumps([reads, sorted(seen)]))
"""


def test_readers_see_whole_versions_and_no_error_while_others_are_published(lay, monkeypatch):
    monkeypatch.setattr(channel, "GRACE_SECONDS", 2)
    current = settings.published() / "current"

    def publish(number: int) -> tuple[str, str, str]:
        content = lay(number)
        return publication.publish(f"run {number}")["version"], f"run {number}", content

    published = {0: publish(0)}
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READ, current], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(READERS)
    ]
    for reader in readers:
        assert reader.stdout.readline() == "reading\n"
    with duckdb.connect(str(current / "suheng.duckdb"), read_only=True) as long:
        for number in range(1, VERSIONS + 1):
            published[number] = publish(number)
        time.sleep(2)  # for each to come to the last one
        told = [json.loads(reader.communicate()[0]) for reader in readers]
        assert [reader.returncode for reader in readers] == [0] * READERS
        assert not (settings.published() / "versions" / published[0][0]).exists()
        assert long.sql("select min(value), max(value) from marts.indicator_values").fetchall() == [(0, 0)]
    whole = {(*published[number], number, number, 100) for number in published}
    seen = {tuple(row) for _, rows in told for row in rows}
    assert seen <= whole
    assert len(seen) > VERSIONS / 4  # each was there for some reads, as long as the next one took to publish
    assert max(seen, key=lambda row: row[3])[1] == f"run {VERSIONS}"
    kept = {p.name for p in (settings.published() / "versions").iterdir()}
    assert {version for version, _, _ in list(published.values())[-3:]} <= kept < {v for v, _, _ in published.values()}

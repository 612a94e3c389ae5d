"""The rules of the gate, one file each: rules/<table of marts>/<rule>.sql, a query of the rows that offend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from expectations.waivers import Waiver

ROOT = Path(__file__).parent / "rules"
SEVERITIES = {"critical", "warning"}


@dataclass(frozen=True)
class Rule:
    """What must hold of one table: its query finds the rows of which it does not."""

    name: str  # <table>/<rule>
    title_zh: str
    severity: str  # critical blocks the publication, warning is published in the quality report
    query: str  # {batch} stands for the table

    @property
    def table(self) -> str:
        return self.name.split("/")[0]

    def waive(self, waivers: Iterable[Waiver]) -> str:
        """The query without the rows that are waived, in one order on every machine."""
        kept = "".join(f"\nand not ({waiver.condition})" for waiver in waivers)
        return f"select * from (\n{self.query}\n) as offending where true{kept}\norder by all"

    def count(self, waivers: Iterable[Waiver]) -> str:
        """A query of one row: how many rows each waiver names, and how many there are.

        A waiver on a column that the query does not have is an error of the query: the rule crashes, and blocks.
        """
        named = "".join(f'count(*) filter (where {w.condition}) as "{n}", ' for n, w in enumerate(waivers))
        return f'select {named}count(*) as "all" from (\n{self.query}\n) as offending'


def read_rules(root: Path = ROOT) -> list[Rule]:
    """All rules, by name. Raises ValueError when a file lacks its title, a known severity or {batch}."""
    return [_read(path) for path in sorted(root.glob("*/*.sql"))]


def _read(path: Path) -> Rule:
    lines = path.read_text("utf-8").splitlines()
    head = dict(line[3:].split(": ", 1) for line in lines[:2] if line.startswith("-- ") and ": " in line)
    query = "\n".join(line for line in lines if not line.startswith("--"))
    if set(head) != {"title", "severity"} or head["severity"] not in SEVERITIES or "{batch}" not in query:
        raise ValueError(
            f"{path}：应以 -- title: 与 -- severity: critical|warning 两行开头，并读 {{batch}} (not a rule of the gate)"
        )
    return Rule(f"{path.parent.name}/{path.stem}", head["title"], head["severity"], query)

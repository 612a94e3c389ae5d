"""A desk for every test, with a key of its own: the user's data and key file are never touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from desk import KEY, PEOPLE, Desk

from ingest.promises.contract import Contract, read_contract


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    path = tmp_path_factory.mktemp("contracts") / "demo" / "people.yaml"
    path.parent.mkdir()
    path.write_text(PEOPLE, "utf-8")
    return read_contract(path)


@pytest.fixture
def desk(tmp_path: Path, people: Contract, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", KEY)
    return Desk(tmp_path / "data", people)

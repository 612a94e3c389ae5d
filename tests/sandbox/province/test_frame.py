"""The real frame, against figures published elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from sandbox.province.demography import EDGES, OLDEST, estimate, smooth
from sandbox.province.frame import REFERENCE, read_frame, read_townships

POPULATION = "statistics/resident_population"


def test_the_census_holds_84_748_016_persons_in_95_counties_and_11_zones() -> None:
    frame = read_frame()
    assert frame.bands.sum() == 84_748_016
    assert len(set(frame.labels(2020))) == 95 + 11
    assert frame.is_zone.sum() == 11


def test_zones_known_by_their_totals_keep_them() -> None:
    frame = read_frame()
    persons = dict(zip(frame.codes, frame.bands.sum(axis=(1, 2)).tolist(), strict=True))
    assert [persons[c] for c in ("320771", "320772", "321171")] == [90_248, 173_232, 263_813]


def test_there_are_1_203_townships() -> None:
    kinds = read_townships()["kind"].value_counts()
    counted = dict(kinds.iter_rows())
    assert counted == {"street": 495, "town": 691, "township": 17, "other": 284}
    assert counted["street"] + counted["town"] + counted["township"] == 1203


def test_every_reference_file_names_its_source() -> None:
    files = sorted(REFERENCE.glob("*.csv"))
    assert files
    assert [f.name for f in files if not f.read_text("utf-8").startswith("# 来源：")] == []


def test_smoothing_keeps_every_band() -> None:
    bands = read_frame().bands.astype(float)
    ages = smooth(bands)
    assert (ages > 0).all()
    sums = np.add.reduceat(ages, EDGES[:-1], axis=-1)
    np.testing.assert_allclose(sums[..., :18], bands[..., :18], rtol=1e-9)
    np.testing.assert_allclose(sums[..., 18:], bands[..., 18:] * OLDEST, rtol=1e-9)


def test_2020_is_the_census_itself() -> None:
    np.testing.assert_allclose(estimate("census_2020")[2020].sum(axis=(1, 2)), read_frame().bands.sum(axis=(1, 2)))


@pytest.mark.parametrize(
    ("basis", "year", "published_10k"),
    [
        ("census_2020", 2020, 8474.8),
        ("census_2020", 2021, 8505.4),
        ("census_2020", 2023, 8526),
        ("census_2010", 2019, 8070),
    ],
)
def test_totals_are_the_published_ones(basis: str, year: int, published_10k: float) -> None:
    assert estimate(basis)[year].sum() / 1e4 == pytest.approx(published_10k, abs=0.05)


def test_the_ages_of_2023_are_near_the_published_ones() -> None:
    """11.57 million children under 15 and 15.73 million of 65 and over (省政府网)."""
    persons = estimate("census_2020")[2023]
    assert persons[:, :, :15].sum() / 1e4 == pytest.approx(1157, rel=0.03)
    assert persons[:, :, 65:].sum() / 1e4 == pytest.approx(1573, rel=0.05)

"""Random draws that depend on nothing but their own names: the seed, the dataset, the year, the unit."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """A generator of its own for (seed, names); the order in which generators are made does not matter."""
    parts = [zlib.crc32(n.encode()) if isinstance(n, str) else n for n in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *parts])))


def mix(keys: Keys, salt: str | int) -> Keys:
    """One step of SplitMix64 (Steele, Lea and Flood 2014) over keys and salt: a key always draws the same."""
    number = zlib.crc32(salt.encode()) if isinstance(salt, str) else salt
    x = keys + np.uint64((number * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def pair(first: NDArray[np.int64], second: NDArray[np.int64] | int) -> Keys:
    """One key for two numbers below 2^32 each."""
    return np.asarray(first.astype(np.uint64) << np.uint64(32) | np.asarray(second).astype(np.uint64))


def unit(keys: Keys, salt: str) -> NDArray[np.float64]:
    """Uniform numbers in [0, 1) that belong to the keys."""
    return (mix(keys, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def choose(keys: Keys, salt: str, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Places among the weights that belong to the keys, one as often as it weighs."""
    return np.searchsorted(np.cumsum(weights / weights.sum())[:-1], unit(keys, salt), side="right")


def pick(keys: Keys, salt: str, n: int) -> NDArray[np.int64]:
    """Whole numbers 0..n-1 that belong to the keys."""
    return (unit(keys, salt) * n).astype(np.int64)

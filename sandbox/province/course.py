"""The course that indicators take: printed values of the plan in 2020, and on to 2025."""

from __future__ import annotations

import numpy as np

from sandbox.province.counts import Floats, Ints, nearest_numerator, share_out
from sandbox.province.draw import generator
from sandbox.province.frame import read_frame

# Per cent of the province by year. 2020: the plan, 表2. From then on: 3 stays above its floor, 4 ends short of 98,
# 15 passes 18, 7 reaches 98, 8 (years) ends short of 15.5.
INCLUSIVE = {2019: 84.4, 2020: 85.0, 2021: 85.7, 2022: 86.4, 2023: 87.2, 2024: 88.0, 2025: 88.7}
ENROLLED = {2019: 96.2, 2020: 96.5, 2021: 96.7, 2022: 96.9, 2023: 97.1, 2024: 97.4, 2025: 97.6}
SERVED = {2019: 12.94, 2020: 13.86, 2021: 14.72, 2022: 15.61, 2023: 16.53, 2024: 17.44, 2025: 18.31}
SENIOR = {2019: 97.1, 2020: 97.3, 2021: 97.5, 2022: 97.7, 2023: 97.9, 2024: 98.0, 2025: 98.2}
SCHOOLED = {2019: 15.32, 2020: 15.40, 2021: 15.41, 2022: 15.42, 2023: 15.42, 2024: 15.43, 2025: 15.44}
SPREAD = {  # 苏南 ahead: in 2019, in 2025
    "inclusive": (0.06, 0.02),
    "enrolled": (0.03, 0.015),
    "served": (0.35, 0.12),
    "senior": (0.045, 0.025),
    "childcare": (0.25, 0.1),
    "physicians": (0.1, 0.05),
    "general_practitioners": (0.14, 0.06),
    "immunized": (0.012, 0.006),
    "nursing": (0.1, 0.05),
    "survival": (0.16, 0.12),
}


def spread(indicator: str, year: int, seed: int) -> Floats:
    """Relative level (107,) of the units around the province's: 苏南 above, 苏北 below, nearer every year."""
    first, last = SPREAD[indicator]
    lead = first + (last - first) * (year - 2019) / 6
    noise = generator(seed, "course", indicator).normal(0, lead / 4, len(read_frame().codes))
    return np.asarray(1 + lead * read_frame().macro + noise)


def numerators(
    indicator: str, value: float, denominators: Ints, year: int, seed: int, capped: bool = True, factor: float = 100
) -> Ints:
    """Whole numerators (107,) that print the province's value; none above its denominator when capped."""
    total = nearest_numerator(value, int(denominators.sum()), factor)
    return share_out(total, denominators * spread(indicator, year, seed), denominators if capped else None)

"""Years since diagnosis, as a reader asks for them."""

from collections.abc import Sequence

import numpy as np

from analysis.errors import InputError
from analysis.terms import DAYS_PER_YEAR

# Nobody is followed so long: a larger number was meant as days.
MOST_YEARS = 120


def days_since_diagnosis(
    argument: str, years: float | Sequence[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Years as they were given, and as days; ``argument`` is what they were given as.

    Raises
    ------
    InputError
        Years that are missing, negative, or so many that days must be meant.

    Examples
    --------
    >>> days_since_diagnosis("years", (1, 5))
    (array([1, 5]), array([ 365.25, 1826.25]))
    """
    years = np.atleast_1d(years)
    try:
        numbers = years.astype(float)
    except (TypeError, ValueError):
        numbers = np.full(years.shape, np.nan)
    impossible = years[~((numbers >= 0) & (numbers <= MOST_YEARS))]
    if impossible.size:
        rule = f"must be years since diagnosis, from 0 to {MOST_YEARS}, and not days"
        raise InputError("time since diagnosis", [f"{argument}: {rule}; {impossible[0]} is not"])
    return years, numbers * DAYS_PER_YEAR

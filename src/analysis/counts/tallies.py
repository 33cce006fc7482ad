"""Sums by stratum and time: what event tables, and sums of event tables, are made of."""

import numpy as np

# A table of half days is kept up to this many: far beyond a century of follow-up.
HALF_DAYS = 200_000
DIGIT = 16
# Up to so many numbers a row are counted into a table of all of them; of more, those that occur are sorted.
DENSE = 4


def number_times(days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number times in rising order: the number of each, and the times that the numbers stand for.

    Whole days, and half days beside them, are their own numbers; other times are sorted.

    Examples
    --------
    >>> numbers, times = number_times(np.array([2.0, 0.5]))
    >>> times[numbers]
    array([2. , 0.5])
    """
    longest = days.max(initial=0)
    for parts in (1, 2):
        if parts * longest > HALF_DAYS:
            break
        numbers = (days if parts == 1 else days * parts).astype(np.int64)
        if days.dtype.kind in "iu" or (numbers == days * parts).all():
            return numbers, np.arange(parts * int(longest) + parts) / parts
    times, numbers = np.unique(days, return_inverse=True)
    return numbers, times.astype(float)


def sort_numbers(numbers: np.ndarray, size: int) -> np.ndarray:
    """The order in which whole numbers below ``size`` rise, equal ones as they stand.

    Sorted digit by digit, the last one first: numpy sorts small whole numbers in one pass each.

    Examples
    --------
    >>> sort_numbers(np.array([70_000, 2, 70_000, 1]), 70_001)
    array([3, 1, 0, 2])
    """
    # numpy sorts 16 bits by counting them, which is not compared and takes one pass.
    order = np.argsort(numbers.astype(np.uint16), kind="stable")
    for shift in range(DIGIT, int(size).bit_length(), DIGIT):
        digit = (numbers >> shift).astype(np.uint16)
        order = order[np.argsort(digit[order], kind="stable")]
    return order


def tally(
    numbers: np.ndarray, size: int, amounts: dict[str, np.ndarray | None]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The numbers that occur, rising, and the sum of each amount over the rows of a number.

    ``None`` is an amount of one a row; truth values count rows, whole numbers stay whole.

    Examples
    --------
    >>> tally(np.array([4, 2, 4]), 5, {"rows": None, "weight": np.array([0.5, 1, 2])})
    (array([2, 4]), {'rows': array([1, 2]), 'weight': array([1. , 2.5])})
    """
    if size <= DENSE * len(numbers):
        return _tally_densely(numbers, size, amounts)
    order = sort_numbers(numbers, size)
    rising = numbers[order]
    begins = np.flatnonzero(np.concatenate([[True], rising[1:] != rising[:-1]])[: len(rising)])
    sums = {name: _sums_of_runs(amount, order, begins) for name, amount in amounts.items()}
    return rising[begins], sums


def _sums_of_runs(amount: np.ndarray | None, order: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """The sum of an amount over each run of its rows in this order; of no rows there is none."""
    if amount is None:
        return np.diff(begins, append=len(order))
    kind = np.float64 if amount.dtype.kind == "f" else np.int64
    if not len(begins):
        return amount.astype(kind)
    return np.add.reduceat(amount[order], begins, dtype=kind)


def _tally_densely(
    numbers: np.ndarray, size: int, amounts: dict[str, np.ndarray | None]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    rows = np.bincount(numbers, minlength=size)
    occurring = np.flatnonzero(rows)
    sums = {}
    for name, amount in amounts.items():
        if amount is None:
            counted = rows
        elif amount.dtype.kind == "b":
            counted = np.bincount(numbers[amount], minlength=size)
        else:
            counted = np.bincount(numbers, amount, minlength=size)
        whole = amount is None or amount.dtype.kind != "f"
        sums[name] = counted[occurring].astype(np.int64 if whole else np.float64, copy=False)
    return occurring, sums


def running_before(stratum: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The sum of an amount over the rows of the same stratum that stand before; strata stand together.

    Examples
    --------
    >>> running_before(np.array([0, 0, 0, 1]), np.array([2, 3, 4, 5]))
    array([0, 2, 5, 0])
    """
    before = np.cumsum(amount) - amount
    begins = np.flatnonzero(np.diff(stratum, prepend=-1))
    return before - np.repeat(before[begins], np.diff(begins, append=len(stratum)))


def in_whole_stratum(stratum: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """The sum of an amount over all rows of the same stratum; strata stand together.

    Examples
    --------
    >>> in_whole_stratum(np.array([0, 0, 1]), np.array([2, 3, 4]))
    array([5, 5, 4])
    """
    begins = np.flatnonzero(np.diff(stratum, prepend=-1))
    sums = np.add.reduceat(amount, begins) if len(begins) else amount
    return np.repeat(sums, np.diff(begins, append=len(stratum)))

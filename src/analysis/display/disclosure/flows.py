"""The inclusion flow for the public: few who left, or few who remain, are never told."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.display.disclosure.cells import small_cells
from analysis.display.disclosure.suppressed_counts import checked_counts
from analysis.strata import require_columns


@dataclass(frozen=True)
class Pool:
    """Which lines of a flow become one, and whether the sum of these may be told."""

    lines: np.ndarray
    safe: bool


def suppress_flow(flow: pd.DataFrame, minimum: int = 5) -> pd.DataFrame:
    """Withhold small numbers of an inclusion flow: criteria that left few out become one line.

    Columns read: ``criterion``, ``left_out``, ``remaining``. Columns added: ``suppressed``.

    Lines with 1 to ``minimum`` − 1 left out are pooled in a last line ``other_reasons``; while the pool would
    give a line away, the next smallest joins it. Then only the first and the last ``remaining`` are printed.
    Where nothing is left to join, the number left out and the number at the start are withheld.

    Notes
    -----
    Those who started are those left out and those who remain, so few who remain are one more line of the
    pool: 1 to ``minimum`` − 1 remaining at the end are withheld, and so is the number left out for
    ``other_reasons``, which then holds at least one criterion more. The numbers left out of the lines still
    printed and the number at the start give only the sum of both.
    A line whose number left out is missing already was withheld where it was counted; it is no part of the
    numbers remaining, and is shown as withheld.

    Examples
    --------
    >>> flow = pd.DataFrame({"criterion": ["all", "age", "sex", "site"], "left_out": [0, 40, 2, 3],
    ...                      "remaining": [100, 60, 58, 55]})
    >>> suppress_flow(flow)[["criterion", "left_out", "remaining"]].values.tolist()
    [['all', 0.0, 100.0], ['age', 40.0, nan], ['other_reasons', 5.0, 55.0]]
    """
    require_columns(flow, ["criterion", "left_out", "remaining"])
    withheld = flow["left_out"].isna()
    # The lines before it are a flow without it: its number is in no sum that is printed.
    if withheld.any():
        return _with_withheld_lines(flow, withheld, minimum)
    left_out, remaining = checked_counts(flow, "left_out"), checked_counts(flow, "remaining")
    public = flow.astype({"left_out": "float64", "remaining": "float64"}).assign(suppressed=False)
    # Few who remain are one more line of the pool: its sum and theirs are told together or not at all.
    lines = np.append(left_out, remaining[-1:])
    if not small_cells(lines, minimum).any():
        return public
    pool = _pool_of(lines, minimum)
    shown = public.loc[~pool.lines[:-1]].assign(remaining=np.nan)
    # The first line tells how many there were, unless the pool could be worked out from it.
    if pool.safe and not pool.lines[0]:
        shown.loc[shown.index[0], "remaining"] = public["remaining"].iloc[0]
    return pd.concat([shown, _pooled_line(lines, pool, minimum)], ignore_index=True)[public.columns]


def _pooled_line(lines: np.ndarray, pool: Pool, minimum: int) -> pd.DataFrame:
    """The last line: how many the pooled criteria left out, and how many remain."""
    few_remain = bool(small_cells(lines[-1], minimum))
    sum_told = pool.safe and not few_remain
    line = {
        "criterion": "other_reasons",
        "left_out": lines[:-1][pool.lines[:-1]].sum() if sum_told else np.nan,
        "remaining": np.nan if few_remain else lines[-1],
        "suppressed": not sum_told,
    }
    return pd.DataFrame([line])


def _with_withheld_lines(flow: pd.DataFrame, withheld: pd.Series, minimum: int) -> pd.DataFrame:
    """Lines withheld where they were counted stand after the first, with as many remaining as before them."""
    public = suppress_flow(flow[~withheld].astype({"left_out": "int64"}), minimum)
    unknown = flow[withheld].astype({"left_out": "float64"})
    unknown = unknown.assign(remaining=public["remaining"].iloc[0], suppressed=True)
    return pd.concat([public[:1], unknown, public[1:]], ignore_index=True)


def _pool_of(lines: np.ndarray, minimum: int) -> Pool:
    """The criteria that become one line; the last of ``lines`` is the number who remain, and joins only if small."""
    small = small_cells(lines, minimum)
    pooled = small.copy()
    while not (safe := _is_safe(lines[pooled], small[pooled], minimum)):
        others = np.flatnonzero(~pooled[:-1] & (lines[:-1] > 0))
        # Everything is in the pool and its sum still tells: it is withheld, and the start with it.
        if not len(others):
            break
        pooled[others[np.argmin(lines[others])]] = True
    return Pool(pooled, safe)


def _is_safe(numbers: np.ndarray, small: np.ndarray, minimum: int) -> bool:
    """Every value 1 to ``minimum`` − 1 stays possible for each small number of a pool whose sum is told."""
    total, smalls, others = numbers.sum(), int(small.sum()), int((~small).sum())
    highest = total - (smalls - 1) - minimum * others
    # Lines that are not small have no upper end, and can take whatever the small ones do not.
    lowest = 1 if others else total - (minimum - 1) * (smalls - 1)
    return bool(total >= minimum and highest >= minimum - 1 and lowest <= 1)

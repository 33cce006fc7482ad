"""The inclusion flow for the public: few who left, or few who remain, are never told."""

import numpy as np
import pandas as pd

from analysis.display.disclosure.suppression import checked_counts
from analysis.strata import require_columns


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
    if withheld.any():
        public = suppress_flow(flow[~withheld].astype({"left_out": "int64"}), minimum)
        start = public["remaining"].iloc[0]
        unknown = (
            flow[withheld].astype({"left_out": "float64"}).assign(remaining=start, suppressed=True)
        )
        return pd.concat([public[:1], unknown, public[1:]], ignore_index=True)
    left_out, remaining = checked_counts(flow, "left_out"), checked_counts(flow, "remaining")
    public = flow.astype({"left_out": "float64", "remaining": "float64"}).assign(suppressed=False)
    lines = np.append(left_out, remaining[-1:])
    small = (lines > 0) & (lines < minimum)
    if not small.any():
        return public
    pooled = _pool(lines, small, minimum)
    safe = _pool_is_safe(lines, small, pooled, minimum)
    few_remain = bool(small[-1])
    start = public["remaining"].iloc[0]
    public = public.loc[~pooled[:-1]].assign(remaining=np.nan)
    if not pooled[0] and safe:
        public.loc[public.index[0], "remaining"] = start
    told = safe and not few_remain
    other = {
        "criterion": "other_reasons",
        "left_out": left_out[pooled[:-1]].sum() if told else np.nan,
    }
    other |= {"remaining": np.nan if few_remain else remaining[-1], "suppressed": not told}
    return pd.concat([public, pd.DataFrame([other])], ignore_index=True)[public.columns]


def _pool(lines: np.ndarray, small: np.ndarray, minimum: int) -> np.ndarray:
    """Which criteria become one line; the last of ``lines`` is the number who remain, and joins only if small."""
    pooled = small.copy()
    while not _pool_is_safe(lines, small, pooled, minimum):
        others = np.flatnonzero(~pooled[:-1] & (lines[:-1] > 0))
        if not len(others):
            break
        pooled[others[np.argmin(lines[others])]] = True
    return pooled


def _pool_is_safe(lines: np.ndarray, small: np.ndarray, pooled: np.ndarray, minimum: int) -> bool:
    """Every value 1 to ``minimum`` − 1 stays possible for each pooled small line."""
    total, number, smalls = lines[pooled].sum(), int(pooled.sum()), int(small.sum())
    highest = total - (smalls - 1) - minimum * (number - smalls)
    lowest = 1 if number > smalls else total - (minimum - 1) * (smalls - 1)
    return total >= minimum and highest >= minimum - 1 and lowest <= 1

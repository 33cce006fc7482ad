"""The two age panels of every report: 0–14, comparable back to the start, and all ages that it covers."""

import pandas as pd

from analysis.strata import require_columns

CHILDREN = 15


def age_panels(counts: pd.DataFrame, age_limit: int) -> pd.DataFrame:
    """Stand a table by age group once in each age panel.

    Reads ``age_group``; adds ``age_panel``: "0–14", and "0–17" where ``age_limit`` is 18, "0–19" where it is 20. The
    panels overlap: what is summed or standardised within one of them must not be added up over both.

    Parameters
    ----------
    counts
        Any table with age groups: cases, person-years, both, or one row a child.
    age_limit
        15, 18 or 20, completed years.

    Examples
    --------
    >>> counts = pd.DataFrame({"age_group": ["10-14", "15-17"], "cases": [30, 40]})
    >>> age_panels(counts, 18).groupby("age_panel")["cases"].sum().to_dict()
    {'0–14': 30, '0–17': 70}
    """
    require_columns(counts, ["age_group"])
    last_age = counts["age_group"].astype(str).str.extract(r"(\d+)$", expand=False).astype("Int64")
    limits = sorted({CHILDREN, age_limit})
    return pd.concat(
        [
            counts[(last_age < limit).fillna(False)].assign(age_panel=f"0–{limit - 1}")
            for limit in limits
        ],
        ignore_index=True,
    )

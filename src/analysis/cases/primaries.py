"""Several tumours in one child."""

import pandas as pd

from analysis.strata import require_columns
from analysis.terms import is_count_table


def add_tumour_sequence(cases: pd.DataFrame) -> pd.DataFrame:
    """Number the tumours of each child in the order of their diagnosis.

    Reads ``person_id`` and, where there, ``diagnosis_date``, ``year`` and ``age_at_diagnosis``;
    adds ``tumour_sequence`` (1 for the first). Tumours of one day keep the registry's order.

    Notes
    -----
    Run it before any tumour is left out: a first tumour that is not counted is still the first.

    Examples
    --------
    >>> tumours = pd.DataFrame({"person_id": ["a", "b", "a"], "year": [2010, 2011, 2001]})
    >>> add_tumour_sequence(tumours)["tumour_sequence"].tolist()
    [2, 1, 1]
    """
    if is_count_table(cases):
        return cases
    require_columns(cases, ["person_id"])
    order = [column for column in ("diagnosis_date", "year", "age_at_diagnosis") if column in cases]
    in_order = cases.sort_values(["person_id", *order], kind="stable")
    sequence = in_order.groupby("person_id", sort=False).cumcount() + 1
    return cases.assign(tumour_sequence=sequence.reindex(cases.index))

"""What the life table expects of each child."""

import numpy as np
import pandas as pd

from analysis.estimates.relative_survival.lexis import hazards_at
from analysis.estimates.relative_survival.life_lines import read_life_lines
from analysis.estimates.relative_survival.life_tables import mortality_of
from analysis.strata import require_columns


def expected_survival(
    cases: pd.DataFrame, life_table: pd.DataFrame, days: float | pd.Series
) -> pd.Series:
    """The probability that each child would be alive some days after diagnosis, were it like the population.

    .. math:: S_{P,i}(t) = \\exp\\left(-\\int_0^t \\lambda_i(u)\\,du\\right)

    Reads ``sex``, the dates or ages, and ``country`` as ``net_survival`` does.

    Parameters
    ----------
    cases
        One row a child.
    life_table
        As ``analysis.register.read_life_table`` gives it.
    days
        Days since diagnosis: one for all, or one a child in the order of the rows.

    Returns
    -------
    pandas.Series
        ``expected_survival`` (0–1), with the index of the cases.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As for ``net_survival``.

    Notes
    -----
    The hazard changes on each birthday and on each 1 January; ``net_survival`` says what stands in where a date is not
    known or the life table ends.

    References
    ----------
    Therneau, Grambsch. Modeling Survival Data, 2000, chapter 10.

    Examples
    --------
    >>> child = pd.DataFrame({"sex": ["male"], "birth_date": ["2000-07-01"], "diagnosis_date": ["2010-01-01"]})
    >>> table = pd.DataFrame({"sex": "male", "year": 2010, "age": [0, 10], "mortality_rate": [0.1, 0.2]})
    >>> expected_survival(child, table, 365.25).round(4).tolist()
    [0.8603]
    """
    require_columns(cases, ["sex"])
    mortality = mortality_of(life_table)
    until = np.asarray(days, dtype=float) + np.zeros(len(cases))
    # Everyone is followed from diagnosis to the day that is asked for, and counts the same.
    everyone = cases.drop(columns=["entry_days", "standard_weight"], errors="ignore")
    lines = read_life_lines(everyone.assign(follow_up_days=until, event=0), mortality)
    survival = np.exp(-hazards_at(lines, mortality, lines.exit))
    return pd.Series(survival, index=cases.index, name="expected_survival")

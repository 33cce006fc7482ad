"""Of what children died: deaths from the cancer and from other causes told apart."""

import pandas as pd

from analysis.strata import require_columns

CENSORED = "censored"
CAUSES = ("cancer", "other")
UNKNOWN = "unknown"


def tell_causes_apart(cases: pd.DataFrame) -> pd.DataFrame:
    """Turn the event from dead or not into what the child died of, causes competing with one another.

    Reads ``event`` (1 death from any cause) and, where it is there, ``cause_of_death``; makes ``event`` a categorical
    ``censored``, ``cancer``, ``other`` and, where it occurs, ``unknown``, which ``analysis.counts.event_table`` counts
    by cause.

    Parameters
    ----------
    cases
        Cases with follow-up to death.

    Returns
    -------
    pandas.DataFrame
        The same cases with ``event`` as a categorical.

    Raises
    ------
    MissingStepError
        Follow-up has not been added.

    Notes
    -----
    A death whose cause is not given, or is a word of another list, has an unknown cause: it is neither spread over
    the known ones nor left out. Without a column of causes all deaths are such.

    Examples
    --------
    >>> children = pd.DataFrame({"event": [1, 0, 1, 1], "cause_of_death": ["cancer", None, "other", None]})
    >>> tell_causes_apart(children)["event"].tolist()
    ['cancer', 'censored', 'other', 'unknown']
    """
    require_columns(cases, ["event"])
    died = (cases["event"] == 1).fillna(False).astype(bool)
    if "cause_of_death" in cases.columns:
        cause = cases["cause_of_death"].astype(object)
    else:
        cause = pd.Series(UNKNOWN, index=cases.index, dtype=object)
    event = cause.where(cause.isin(CAUSES), UNKNOWN).where(died, CENSORED)
    # A level that nobody has would be an empty curve in every figure of causes.
    unknown = [UNKNOWN] if (event == UNKNOWN).any() else []
    return cases.assign(event=pd.Categorical(event, categories=[CENSORED, *CAUSES, *unknown]))

"""Regression with competing causes: one cause with the others censored, or weighted as Fine and Gray do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.regression.covariates import checked_follow_up, refuse_no_time
from analysis.strata import require_columns


def censor_other_causes(cases: pd.DataFrame, cause: object) -> pd.DataFrame:
    """Children with an event of one cause, those of other causes being censored: for cause-specific hazards.

    Reads ``event`` (a categorical whose first category means censored and whose others are causes); makes it 0 or 1.

    Parameters
    ----------
    cases
        One row a child.
    cause
        One of the causes.

    Returns
    -------
    pandas.DataFrame
        The cases with their new ``event``.

    Raises
    ------
    MissingStepError
        There is no ``event``.
    InputError
        It has no causes, or not this one, or is missing.

    Notes
    -----
    ``hazard_ratios`` of these children says how fast the cause acts on those still at risk, which is the question
    about causes of a difference; it does not say how many will have it, which ``fine_gray_weights`` is for. Survival
    of these children is no probability of anything observable.

    References
    ----------
    Prentice et al. Biometrics 1978;34:541–554. Latouche et al. J Clin Epidemiol 2013;66:648–653.

    Examples
    --------
    >>> event = pd.Categorical(["cancer", "other", "censored"], ["censored", "cancer", "other"])
    >>> cases = pd.DataFrame({"event": event})
    >>> censor_other_causes(cases, "cancer")["event"].tolist()
    [1, 0, 0]
    """
    return cases.assign(event=(_codes(cases, cause) == 1).astype(np.int64))


def fine_gray_weights(
    cases: pd.DataFrame, cause: object, *, strata: Sequence[str] = ()
) -> pd.DataFrame:
    """Children with the weights by which Cox regression estimates subdistribution hazards (Fine and Gray).

    .. math:: w_i(t) = \\frac{G(t-)}{G(T_i-)}, \\quad t > T_i

    Reads ``follow_up_days`` (days), ``event`` (a categorical of causes) and the columns of ``strata``; adds
    ``entry_days``, ``risk_set_weight`` and ``child_row`` (the row of the child, from 1), and makes ``event`` 0 or 1.

    Parameters
    ----------
    cases
        One row a child, followed from diagnosis.
    cause
        The cause of interest.
    strata
        Columns each of whose combinations has a distribution G of censoring of its own.

    Returns
    -------
    pandas.DataFrame
        One row for each child; and, for a child who had another cause at T, further ones at which it stays at risk with
        falling weight, up to the last event of the cause. For ``hazard_ratios``, which then gives
        subdistribution hazard ratios with the robust variance.

    Raises
    ------
    MissingStepError
        Follow-up has not been added.
    InputError
        No such cause, follow-up that is not as it must be, or delayed entry.

    Notes
    -----
    G is Kaplan and Meier's curve of censoring, deaths coming before it on the same day. Agrees with ``finegray`` and
    ``coxph`` of R's survival; ``crr`` of cmprsk takes ties as Breslow does, so that it agrees where there are none, and
    adds to the variance that the weights are estimates, which changes little. A ratio above 1 means that more will
    have the event, not by how much faster: with few competing deaths the two hazards hardly differ.

    References
    ----------
    Fine, Gray. J Am Stat Assoc 1999;94:496–509. Geskus. Biometrics 2011;67:39–49.

    Examples
    --------
    >>> cases = pd.DataFrame({
    ...     "follow_up_days": [1, 2, 3, 4],
    ...     "event": pd.Categorical(["other", "censored", "cancer", "cancer"], ["censored", "cancer", "other"]),
    ... })
    >>> fine_gray_weights(cases, "cancer").round(3)
       follow_up_days  event  entry_days  risk_set_weight  child_row
    0             1.0      0         0.0            1.000          1
    1             4.0      0         1.0            0.667          1
    2             2.0      0         0.0            1.000          2
    3             3.0      1         0.0            1.000          3
    4             4.0      1         0.0            1.000          4
    """
    codes = _codes(cases, cause)
    if "entry_days" in cases.columns:
        raise InputError(
            "weights of Fine and Gray", ["entry_days: are for follow-up from diagnosis only"]
        )
    follow = checked_follow_up(cases.assign(event=(codes == 1).astype(np.int64)), strata)
    refuse_no_time(follow)
    pieces = [
        _further_rows(
            follow.exit, codes, np.flatnonzero(follow.layer == layer), follow.exit[codes == 1]
        )
        for layer in np.unique(follow.layer)
    ]
    nobody = (np.zeros(0, dtype=int), *[np.zeros(0)] * 3)
    child, entry, exit_days, weight = (
        np.concatenate(column) for column in zip(nobody, *pieces, strict=True)
    )
    every = np.concatenate([np.arange(len(cases)), child])
    order = np.argsort(every, kind="stable")
    return (
        cases.iloc[every[order]]
        .reset_index(drop=True)
        .assign(
            follow_up_days=np.concatenate([follow.exit, exit_days])[order],
            event=np.concatenate([codes == 1, np.zeros(len(child))])[order].astype(np.int64),
            entry_days=np.concatenate([np.zeros(len(cases)), entry])[order],
            risk_set_weight=np.concatenate([np.ones(len(cases)), weight])[order],
            child_row=every[order] + 1,
        )
    )


def _codes(cases: pd.DataFrame, cause: object) -> np.ndarray:
    """0 for censored, 1 for the cause, 2 for any other."""
    require_columns(cases, ["event"])
    event = cases["event"]
    causes = list(event.cat.categories[1:]) if isinstance(event.dtype, pd.CategoricalDtype) else []
    faults = []
    if cause not in causes:
        faults.append(
            f"{cause!r} is not a cause of the children: {', '.join(map(str, causes)) or 'none'}"
        )
    raise_faults("causes of events", {"event: must be filled": event.isna()}, faults)
    codes = event.cat.codes.to_numpy()
    return np.where(codes == 0, 0, np.where(codes == 1 + causes.index(cause), 1, 2))


def _further_rows(
    exit_days: np.ndarray, codes: np.ndarray, rows: np.ndarray, cause_days: np.ndarray
) -> tuple[np.ndarray, ...]:
    """The rows in which the children of other causes stay at risk: child, entry, exit, weight."""
    censored, uncensored = _censoring(exit_days[rows], codes[rows] == 0)
    cause_days = np.unique(cause_days)
    passed = np.searchsorted(censored, cause_days)
    # Between two times of censoring the weight is the same, and one row does.
    ends = np.flatnonzero(np.diff(passed, append=-1))
    child = rows[codes[rows] == 2]
    start = np.searchsorted(cause_days[ends], exit_days[child], side="right")
    stretches = len(ends) - start
    of_row = np.repeat(np.arange(len(child)), stretches)
    stretch = (
        np.arange(len(of_row))
        - np.repeat(np.cumsum(stretches) - stretches, stretches)
        + start[of_row]
    )
    left_days = exit_days[child][of_row]
    end_days = cause_days[ends]
    entry = np.maximum(left_days, np.concatenate([[0.0], end_days])[stretch])
    weight = uncensored[passed[ends]][stretch] / uncensored[np.searchsorted(censored, left_days)]
    kept = weight > 0
    return tuple(column[kept] for column in (child[of_row], entry, end_days[stretch], weight))


def _censoring(exit_days: np.ndarray, is_censored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times of censoring, and the share not yet censored before the first of them and after each."""
    days, counts = np.unique(exit_days[is_censored], return_counts=True)
    gone = np.searchsorted(np.sort(exit_days), days)
    died_that_day = np.searchsorted(np.sort(exit_days), days, side="right") - gone - counts
    at_risk = len(exit_days) - gone - died_that_day
    return days, np.concatenate([np.ones(1), np.cumprod(1 - counts / at_risk)])

"""Regression with competing causes: one cause with the others censored, or weighted as Fine and Gray do."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError, raise_faults
from analysis.estimates.regression.covariates import checked_follow_up, refuse_no_time
from analysis.estimates.regression.partial_likelihood import Follow
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
        fault = "entry_days: are for follow-up from diagnosis only"
        raise InputError("weights of Fine and Gray", [fault])
    follow = checked_follow_up(cases.assign(event=(codes == 1).astype(np.int64)), strata)
    refuse_no_time(follow)
    child = np.arange(len(cases))
    own = pd.DataFrame(
        {
            "child": child,
            "entry_days": 0.0,
            "follow_up_days": follow.exit,
            "risk_set_weight": 1.0,
            "event": (codes == 1).astype(np.int64),
        }
    )
    further = [_further_rows(follow, codes, layer) for layer in np.unique(follow.layer)]
    rows = pd.concat([own, *further]).sort_values("child", kind="stable", ignore_index=True)
    table = cases.iloc[rows["child"]].reset_index(drop=True)
    added = rows[["follow_up_days", "event", "entry_days", "risk_set_weight"]]
    return table.assign(**added, child_row=rows["child"] + 1)


def _codes(cases: pd.DataFrame, cause: object) -> np.ndarray:
    """0 for censored, 1 for the cause, 2 for any other."""
    require_columns(cases, ["event"])
    event = cases["event"]
    causes = list(event.cat.categories[1:]) if isinstance(event.dtype, pd.CategoricalDtype) else []
    faults = []
    if cause not in causes:
        choices = ", ".join(map(str, causes)) or "none"
        faults.append(f"cause: {cause!r} is not a cause of the children: {choices}")
    raise_faults("causes of events", {"event: must be filled": event.isna()}, faults)
    codes = event.cat.codes.to_numpy()
    return np.where(codes == 0, 0, np.where(codes == 1 + causes.index(cause), 1, 2))


def _further_rows(follow: Follow, codes: np.ndarray, layer: int) -> pd.DataFrame:
    """The rows in which the children of other causes stay at risk, in one layer of censoring."""
    of_layer = np.flatnonzero(follow.layer == layer)
    censoring_days, uncensored = _censoring(follow.exit[of_layer], codes[of_layer] == 0)
    end_days, end_share = _ends(np.unique(follow.exit[codes == 1]), censoring_days, uncensored)
    child = of_layer[codes[of_layer] == 2]
    first = np.searchsorted(end_days, follow.exit[child], side="right")
    child, stretch = _each_stretch(child, first, len(end_days))
    left_days = follow.exit[child]
    share_at_exit = uncensored[np.searchsorted(censoring_days, left_days)]
    starts = np.append(0.0, end_days)[stretch]
    rows = {"child": child, "entry_days": np.maximum(left_days, starts), "event": 0}
    rows |= {"follow_up_days": end_days[stretch]}
    table = pd.DataFrame(rows).assign(risk_set_weight=end_share[stretch] / share_at_exit)
    return table[table["risk_set_weight"] > 0]


def _ends(
    cause_days: np.ndarray, censoring_days: np.ndarray, uncensored: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The last event of the cause between two times of censoring, and the share not yet censored by then.

    Until the next time of censoring the weight is the same, and one row does.
    """
    censored = np.searchsorted(censoring_days, cause_days)
    is_end = np.diff(censored, append=-1) != 0
    return cause_days[is_end], uncensored[censored[is_end]]


def _each_stretch(
    child: np.ndarray, first: np.ndarray, stretches: int
) -> tuple[np.ndarray, np.ndarray]:
    """Each child once for every stretch from its first one on; the stretches."""
    lengths = stretches - first
    begin = np.repeat(np.cumsum(lengths) - lengths - first, lengths)
    return np.repeat(child, lengths), np.arange(lengths.sum()) - begin


def _censoring(exit_days: np.ndarray, is_censored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times of censoring, and the share not yet censored before the first of them and after each."""
    days, counts = np.unique(exit_days[is_censored], return_counts=True)
    gone = np.searchsorted(np.sort(exit_days), days)
    died_that_day = np.searchsorted(np.sort(exit_days), days, side="right") - gone - counts
    at_risk = len(exit_days) - gone - died_that_day
    return days, np.concatenate([np.ones(1), np.cumprod(1 - counts / at_risk)])

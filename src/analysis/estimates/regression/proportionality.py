"""Is a hazard ratio the same at all times: the score test of proportional hazards."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.regression.cox import chi_square_rows
from analysis.estimates.regression.cox_fit import Fit, fitted
from analysis.estimates.regression.partial_likelihood import Follow

ALL_TERMS = "all_terms"


def proportional_hazards_test(
    cases: pd.DataFrame,
    terms: Sequence[str],
    *,
    references: Mapping[str, object | None] | None = None,
    strata: Sequence[str] = (),
    transform: str = "km",
) -> pd.DataFrame:
    """Whether hazard ratios stay the same over time: the score test of a trend of each coefficient.

    .. math:: \\beta(t) = \\beta + \\theta g(t), \\quad
              U_{\\theta}^T \\left[ I_{\\theta\\theta}
              - I_{\\theta\\beta} I_{\\beta\\beta}^{-1} I_{\\beta\\theta} \\right]^{-1} U_{\\theta}

    Reads what ``hazard_ratios`` reads; adds ``test_statistic``, ``degrees_of_freedom`` and ``p_value``.

    Parameters
    ----------
    cases, terms, references, strata
        As for ``hazard_ratios``, whose model is tested.
    transform
        What time is taken as: ``"km"``, one minus the survival of all children together; ``"identity"`` (days) or
        ``"log"``.

    Returns
    -------
    pandas.DataFrame
        ``term test_statistic degrees_of_freedom p_value``, a row a term, then one for ``all_terms`` together. Missing
        where nothing was estimated; levels without a finite hazard ratio are left out of the test.

    Raises
    ------
    MissingStepError, InputError
        As ``hazard_ratios``.

    Notes
    -----
    This is the test of ``cox.zph`` in R's survival from version 3 on, which uses the whole information matrix; older
    versions, and lifelines, approximate it by one matrix averaged over time. A large p-value of a small cohort is no
    proof that hazards are proportional: look at the curves. Where they are not, take the term as ``strata``, or split
    the follow-up (``hazard_ratios_by_time``).

    References
    ----------
    Grambsch, Therneau. Biometrika 1994;81:515–526. Therneau, Grambsch. Modeling Survival Data, 2000, chapter 6.

    Examples
    --------
    >>> cases = pd.DataFrame({
    ...     "follow_up_days": [5, 8, 12, 20, 3, 6, 9, 11], "event": [1, 1, 0, 1, 1, 1, 1, 0],
    ...     "country": ["NO"] * 4 + ["SE"] * 4,
    ... })
    >>> proportional_hazards_test(cases, ["country"]).round(3)
            term  test_statistic  degrees_of_freedom  p_value
    0    country             0.0                   1    0.985
    1  all_terms             0.0                   1    0.985
    """
    require_choice("transform of time", transform, TRANSFORMS)
    fit = fitted(cases, terms, references, strata)
    names = [*terms, ALL_TERMS]
    if fit.risk_sets is None or not fit.finite.any():
        return chi_square_rows(names, np.full(len(names), np.nan), np.zeros(len(names)))
    score, information = _of_trend(fit, _times(fit, transform))
    term = fit.design.term[fit.finite]
    pairs = [_score_test(score, information, term == name) for name in terms]
    pairs.append(_score_test(score, information, np.ones(len(term), dtype=bool)))
    statistic, degrees = np.array(pairs, dtype=float).T
    return chi_square_rows(names, statistic, degrees)


def _times(fit: Fit, transform: str) -> np.ndarray:
    """The time of each place, transformed, less its mean over the deaths."""
    risk_sets = fit.risk_sets
    time_of_place = np.empty(risk_sets.places)
    time_of_place[risk_sets.place] = fit.follow.exit[risk_sets.died]
    times = TRANSFORMS[transform](time_of_place, fit.follow)
    return times - times[risk_sets.place].mean()


def _of_trend(fit: Fit, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    finite = np.flatnonzero(fit.finite)
    plain, crossed, squared = (
        fit.risk_sets.information(times**power)[np.ix_(finite, finite)] for power in (0, 1, 2)
    )
    score = fit.risk_sets.score(times)[finite]
    return score, squared - crossed @ np.linalg.solve(plain, crossed)


def _score_test(score: np.ndarray, information: np.ndarray, own: np.ndarray) -> tuple[float, int]:
    if not own.any():
        return np.nan, 0
    part = information[np.ix_(own, own)]
    eigenvalues, vectors = np.linalg.eigh(part)
    # Below the rounding of sums nothing is known of a direction.
    least = np.finfo(float).eps * 1e4 * max(np.trace(part), 1e-300)
    if not (eigenvalues > least).all():
        return np.nan, 0
    return float(((vectors.T @ score[own]) ** 2 / eigenvalues).sum()), int(own.sum())


def _one_less_survival(times: np.ndarray, follow: Follow) -> np.ndarray:
    """1 − S(t−) of all rows together, without weights or strata."""
    days, deaths = np.unique(follow.exit[follow.died], return_counts=True)
    at_risk = len(follow.exit) - np.searchsorted(np.sort(follow.exit), days)
    if follow.entry is not None:
        at_risk -= len(follow.entry) - np.searchsorted(np.sort(follow.entry), days)
    survival = np.concatenate([np.ones(1), np.cumprod(1 - deaths / at_risk)])
    return 1 - survival[np.searchsorted(days, times)]


TRANSFORMS: dict[str, Callable] = {
    "km": _one_less_survival,
    "identity": lambda times, follow: times,
    "log": lambda times, follow: np.log(times),
}

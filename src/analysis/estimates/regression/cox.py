"""How much faster in one group than another, other things equal: Cox (the only file that knows lifelines)."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.regression.covariates import (
    Design,
    checked_follow_up,
    design_of,
    is_identified,
    without_children,
)
from analysis.estimates.regression.partial_likelihood import CoxRiskSets, Follow, maximised
from analysis.strata import require_columns

# A coefficient beyond these has none: the likelihood still rises (complete separation).
LARGEST_COEFFICIENT, LARGEST_ERROR = 15.0, 100.0


@dataclass(frozen=True)
class Fit:
    """A fitted model: what was fitted, the coefficients with their variance, and the risk sets at them.

    Without an event, or where the coefficients are not told apart, they are missing and there are no risk sets;
    ``finite`` says which of them the likelihood has a maximum for.
    """

    design: Design
    follow: Follow
    coefficients: np.ndarray
    variance: np.ndarray
    finite: np.ndarray
    risk_sets: CoxRiskSets | None


def hazard_ratios(
    cases: pd.DataFrame,
    terms: Sequence[str],
    *,
    references: Mapping[str, object | None] | None = None,
    strata: Sequence[str] = (),
    cluster: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Hazard ratios of each level against a reference, adjusted for all other terms (Cox, ties as Efron's).

    .. math:: \\lambda(t \\mid x, s) = \\lambda_s(t) \\exp(x^T \\beta), \\quad HR = e^{\\beta}

    Reads ``follow_up_days`` (days), ``event`` (0 or 1), ``entry_days`` (days) if there, the columns of ``terms``,
    ``strata`` and ``cluster``, and ``risk_set_weight`` and ``child_row`` of ``fine_gray_weights``; adds
    ``hazard_ratio``, ``lower``, ``upper`` and ``p_value`` (Wald's).

    Parameters
    ----------
    cases
        One row a child. A regression sees what counts do not keep, each child's combination of covariates and its
        entry: this is the one family of estimates that reads children.
    terms
        Columns to compare and to adjust for. Text and categoricals have a hazard ratio a level, a missing value being
        a level of its own; a number has one for each unit, and children in whom it is missing are left out.
    references
        The level that others are compared with, for a term; else, or where it is missing, the first in reading order.
        A number given one is taken as levels.
    strata
        Columns each of whose combinations has a baseline hazard of its own.
    cluster
        A column that tells who belongs together, such as ``person_id`` of children with several tumours: the variance
        is then the robust one of Lin and Wei.
    confidence
        Coverage of the interval.

    Returns
    -------
    pandas.DataFrame
        ``term level reference hazard_ratio lower upper p_value children events``, a row a level in reading order within
        each term; the reference's own row is 1 without interval. ``attrs["left_out"]`` is how many children were
        left out, ``attrs["without_children"]`` the levels of each term that no child is in.

    Raises
    ------
    MissingStepError
        Follow-up has not been added, or a column is not there.
    InputError
        Follow-up that is not as it must be, an ``event`` of causes, a reference that is no level, or a term that those
        before it or the strata determine.

    Notes
    -----
    A level in which nobody has the event, or whose children die first or last without exception, has no finite hazard
    ratio: it is missing, and so are all of a term whose reference has no event. With fewer events than coefficients
    that are not told apart everything is missing; ten events a coefficient is the usual advice. The ratio is assumed
    the same at all times: see ``proportional_hazards_test``. Robust variances agree with R's ``coxph``, ties and
    delayed entry included.

    References
    ----------
    Cox. J R Stat Soc B 1972;34:187–220. Efron. J Am Stat Assoc 1977;72:557–565. Lin, Wei. J Am Stat Assoc
    1989;84:1074–1078.

    Examples
    --------
    >>> cases = pd.DataFrame({
    ...     "follow_up_days": [5, 8, 12, 20, 3, 6, 9, 11], "event": [1, 1, 0, 1, 1, 1, 1, 0],
    ...     "country": ["NO"] * 4 + ["SE"] * 4,
    ... })
    >>> hazard_ratios(cases, ["country"])[["term", "level", "hazard_ratio", "lower", "upper", "events"]].round(2)
          term level  hazard_ratio  lower  upper  events
    0  country    NO          1.00    NaN    NaN       3
    1  country    SE          1.73   0.29  10.41       3
    """
    z = normal_quantile(confidence)
    fit = fitted(cases, terms, references, strata)
    rows = fit.design.table
    coefficient = np.append(np.where(fit.finite, fit.coefficients, np.nan), np.nan)[
        rows["column"].to_numpy(int)
    ]
    error = np.append(np.sqrt(np.diag(_variance(fit, cases, cluster))), np.nan)[
        rows["column"].to_numpy(int)
    ]
    table = rows.assign(
        hazard_ratio=np.where(rows["level"] == rows["reference"], 1.0, np.exp(coefficient)),
        lower=np.exp(coefficient - z * error),
        upper=np.exp(coefficient + z * error),
        p_value=2 * ndtr(-np.abs(coefficient / error)),
    )
    columns = [
        "term",
        "level",
        "reference",
        "hazard_ratio",
        "lower",
        "upper",
        "p_value",
        "children",
        "events",
    ]
    table = table[columns].reset_index(drop=True)
    table.attrs = {
        "left_out": fit.design.left_out,
        "without_children": without_children(cases, terms),
    }
    return table


def term_tests(
    cases: pd.DataFrame,
    terms: Sequence[str],
    *,
    references: Mapping[str, object | None] | None = None,
    strata: Sequence[str] = (),
    cluster: str | None = None,
    test: str = "likelihood-ratio",
) -> pd.DataFrame:
    """Whether a term as a whole, such as the country, bears on survival, all other terms adjusted for.

    .. math:: 2 (\\ell - \\ell_{-k}), \\quad \\text{or Wald's} \\quad \\beta_k^T V_{kk}^{-1} \\beta_k

    Reads what ``hazard_ratios`` reads; adds ``test_statistic``, ``degrees_of_freedom`` and ``p_value``.

    Parameters
    ----------
    cases, terms, references, strata, cluster
        As for ``hazard_ratios``.
    test
        ``"likelihood-ratio"``; or ``"wald"``, the only one for children in clusters or with weights.

    Returns
    -------
    pandas.DataFrame
        ``term test_statistic degrees_of_freedom p_value``, a row a term. Missing where nothing was estimated, Wald's
        also where a level has no finite hazard ratio, which the likelihood ratio allows for.

    Raises
    ------
    MissingStepError, InputError
        As ``hazard_ratios``; also for a likelihood ratio of clustered or weighted children.

    Notes
    -----
    Of the term ``country`` this is the test of heterogeneity between countries that counts every child.

    References
    ----------
    Therneau, Grambsch. Modeling Survival Data, 2000, section 3.4.

    Examples
    --------
    >>> cases = pd.DataFrame({
    ...     "follow_up_days": [5, 8, 12, 20, 3, 6, 9, 11], "event": [1, 1, 0, 1, 1, 1, 1, 0],
    ...     "country": ["NO"] * 4 + ["SE"] * 4,
    ... })
    >>> term_tests(cases, ["country"]).round(3)
          term  test_statistic  degrees_of_freedom  p_value
    0  country           0.365                   1    0.546
    """
    require_choice("test of a term", test, ("likelihood-ratio", "wald"))
    fit = fitted(cases, terms, references, strata)
    likelihood = test == "likelihood-ratio"
    if likelihood and (cluster is not None or fit.follow.weight is not None):
        raise InputError(
            "test of a term",
            ['children in clusters or with weights have no likelihood: test="wald"'],
        )
    if likelihood:
        pairs = [_likelihood_ratio(fit, cases, name, references, strata) for name in terms]
    else:
        variance = _variance(fit, cases, cluster)
        pairs = [_wald(fit, variance, name) for name in terms]
    statistic, degrees = np.array(pairs, dtype=float).reshape(-1, 2).T
    return chi_square_rows(list(terms), statistic, degrees)


def chi_square_rows(
    terms: Sequence[str], statistic: np.ndarray, degrees: np.ndarray
) -> pd.DataFrame:
    """A chi-square test a term; missing without a degree of freedom."""
    statistic = np.where(degrees > 0, statistic, np.nan)
    p_value = chdtrc(np.maximum(degrees, 1), statistic)
    degrees = np.asarray(degrees).astype(np.int64)
    return pd.DataFrame(
        {
            "term": terms,
            "test_statistic": statistic,
            "degrees_of_freedom": degrees,
            "p_value": p_value,
        }
    )


def fitted(
    cases: pd.DataFrame,
    terms: Sequence[str],
    references: Mapping[str, object] | None,
    strata: Sequence[str],
) -> Fit:
    """The model of ``hazard_ratios``."""
    follow = checked_follow_up(cases, strata)
    design = design_of(cases, follow, terms, references)
    follow, covariates = follow.only(design.rows), design.covariates
    width = covariates.shape[1]
    if not follow.died.any() or not is_identified(covariates, follow.layer):
        nothing = np.zeros(width, dtype=bool)
        return Fit(
            design, follow, np.full(width, np.nan), np.full((width, width), np.nan), nothing, None
        )
    coefficients, risk_sets = maximised(follow, covariates, _start(follow, covariates))
    information = risk_sets.information(np.ones(risk_sets.places))
    spread = np.ptp(covariates, axis=0)
    finite = np.abs(coefficients) * spread < LARGEST_COEFFICIENT
    finite &= np.diag(information) > (spread / LARGEST_ERROR) ** 2
    variance = np.full((width, width), np.nan)
    variance[np.ix_(finite, finite)] = np.linalg.inv(information[np.ix_(finite, finite)])
    return Fit(design, follow, coefficients, variance, finite, risk_sets)


def _start(follow: Follow, covariates: np.ndarray) -> np.ndarray:
    """The coefficients as lifelines finds them, to some seven digits, from which few steps are left.

    With delayed entry or weights it would walk through the children one by one, half a minute for ten thousand, and
    with strata through those, ten seconds for hundreds; where it stops at complete separation it gives nothing. All
    steps are then left.
    """
    nowhere = np.zeros(covariates.shape[1])
    if (
        follow.entry is not None
        or follow.weight is not None
        or follow.layer.any()
        or not len(nowhere)
    ):
        return nowhere
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    children = pd.DataFrame(covariates).add_prefix("x").assign(exit=follow.exit, died=follow.died)
    # It warns of separation, which is found by the coefficients that go on rising.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = CoxPHFitter().fit(children, "exit", "died")
        except ConvergenceError:
            return nowhere
    return model.params_.to_numpy()


def _variance(fit: Fit, cases: pd.DataFrame, cluster: str | None) -> np.ndarray:
    """The variance of the coefficients; robust when children belong together or have weights."""
    if fit.risk_sets is None or (cluster is None and fit.follow.weight is None):
        return fit.variance
    if cluster is None and "child_row" in cases.columns:
        cluster = "child_row"
    together = np.arange(len(cases))
    if cluster is not None:
        require_columns(cases, [cluster])
        codes, found = pd.factorize(cases[cluster])
        together = np.where(codes < 0, len(found) + together, codes)
    residuals = (
        pd.DataFrame(fit.risk_sets.score_residuals())
        .groupby(together[fit.design.rows])
        .sum()
        .to_numpy()
    )
    influence = residuals @ np.nan_to_num(fit.variance)
    return influence.T @ influence


def _wald(fit: Fit, variance: np.ndarray, name: str) -> tuple[float, int]:
    own = fit.design.term == name
    degrees = fit.design.degrees[name]
    if own.sum() < degrees or not fit.finite[own].all():
        return np.nan, degrees
    coefficients = fit.coefficients[own]
    return float(coefficients @ np.linalg.solve(variance[np.ix_(own, own)], coefficients)), degrees


def _likelihood_ratio(
    fit: Fit, cases: pd.DataFrame, name: str, references, strata
) -> tuple[float, int]:
    others = [term for term in dict.fromkeys(fit.design.degrees) if term != name]
    kept = {term: level for term, level in (references or {}).items() if term != name}
    known = cases if fit.design.left_out == 0 else cases[fit.design.known]
    without = fitted(known, others, kept, strata)
    if fit.risk_sets is None or without.risk_sets is None:
        return np.nan, fit.design.degrees[name]
    ratio = 2 * (fit.risk_sets.log_likelihood - without.risk_sets.log_likelihood)
    return max(ratio, 0.0), fit.design.degrees[name]

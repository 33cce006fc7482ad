"""How much faster in one group than another, other things equal: hazard ratios of Cox's model, and tests of terms."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import normal_quantile, require_choice
from analysis.estimates.regression.cox_fit import Fit, fitted, variance_of

MEASURES = ("hazard_ratio", "lower", "upper", "p_value")
COLUMNS = ["term", "level", "reference", *MEASURES, "children", "events"]


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
        each term; the reference's own row is 1 without interval. ``children_left_out``, the same in each row, is
        how many children were left out; ``without_children`` names the levels of each term that no child is in.

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
    _refuse_no_terms(terms)
    fit = fitted(cases, terms, references, strata)
    variance = variance_of(fit, cases, cluster)
    coefficient = _of_levels(fit, np.where(fit.finite, fit.coefficients, np.nan))
    error = _of_levels(fit, np.sqrt(np.diag(variance)))
    table = fit.design.table.assign(**_ratios(coefficient, error, confidence))
    is_reference = table["level"] == table["reference"]
    table["hazard_ratio"] = table["hazard_ratio"].mask(is_reference, 1.0)
    table = table[COLUMNS].reset_index(drop=True)
    return table.assign(children_left_out=fit.design.left_out)


def _ratios(coefficient: np.ndarray, error: np.ndarray, confidence: float) -> dict[str, np.ndarray]:
    margin = normal_quantile(confidence) * error
    return {
        "hazard_ratio": np.exp(coefficient),
        "lower": np.exp(coefficient - margin),
        "upper": np.exp(coefficient + margin),
        "p_value": 2 * ndtr(-np.abs(coefficient / error)),
    }


def _of_levels(fit: Fit, values: np.ndarray) -> np.ndarray:
    """The value of each level's coefficient; missing for a level without one, whose column is -1."""
    return np.append(values, np.nan)[fit.design.table["column"].to_numpy(int)]


def _refuse_no_terms(terms: Sequence[str]) -> None:
    if not len(terms):
        raise InputError("regression of survival", ["terms: name at least one column"])


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
    if test == "wald":
        variance = variance_of(fit, cases, cluster)
        pairs = [_wald(fit, variance, name) for name in terms]
    elif cluster is not None or fit.follow.weight is not None:
        fault = 'children in clusters or with weights have no likelihood: test="wald"'
        raise InputError("test of a term", [fault])
    else:
        pairs = [_likelihood_ratio(fit, cases, name, references, strata) for name in terms]
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


def _wald(fit: Fit, variance: np.ndarray, name: str) -> tuple[float, int]:
    own = fit.design.term == name
    degrees = fit.design.degrees[name]
    if own.sum() < degrees or not fit.finite[own].all():
        return np.nan, degrees
    coefficients = fit.coefficients[own]
    return float(coefficients @ np.linalg.solve(variance[np.ix_(own, own)], coefficients)), degrees


def _likelihood_ratio(
    fit: Fit,
    cases: pd.DataFrame,
    name: str,
    references: Mapping[str, object] | None,
    strata: Sequence[str],
) -> tuple[float, int]:
    others = [term for term in fit.design.degrees if term != name]
    of_others = {term: level for term, level in (references or {}).items() if term != name}
    # The two models must be of the same children.
    complete = cases if fit.design.left_out == 0 else cases[fit.design.known]
    without = fitted(complete, others, of_others, strata)
    if fit.risk_sets is None or without.risk_sets is None:
        return np.nan, fit.design.degrees[name]
    ratio = 2 * (fit.risk_sets.log_likelihood - without.risk_sets.log_likelihood)
    return max(ratio, 0.0), fit.design.degrees[name]

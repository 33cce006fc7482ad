"""Cox's model fitted: coefficients, their variance and the risk sets at them (the only file that knows lifelines)."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates.regression.covariates import (
    Design,
    checked_follow_up,
    design_of,
    is_identified,
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
    if not follow.died.any() or not is_identified(covariates, follow.layer):
        return _not_estimable(design, follow)
    coefficients, risk_sets = maximised(follow, covariates, _start(follow, covariates))
    information = risk_sets.information(np.ones(risk_sets.places))
    finite = _is_finite(coefficients, information, np.ptp(covariates, axis=0))
    variance = np.full(information.shape, np.nan)
    of_finite = np.ix_(finite, finite)
    variance[of_finite] = np.linalg.inv(information[of_finite])
    return Fit(design, follow, coefficients, variance, finite, risk_sets)


def _not_estimable(design: Design, follow: Follow) -> Fit:
    width = design.covariates.shape[1]
    coefficients, variance = np.full(width, np.nan), np.full((width, width), np.nan)
    finite = np.zeros(width, dtype=bool)
    return Fit(design, follow, coefficients, variance, finite, risk_sets=None)


def _is_finite(coefficients: np.ndarray, information: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Which coefficients the likelihood has a maximum for, on the scale of how far their covariates spread."""
    small = np.abs(coefficients) * spread < LARGEST_COEFFICIENT
    return small & (np.diag(information) > (spread / LARGEST_ERROR) ** 2)


def _start(follow: Follow, covariates: np.ndarray) -> np.ndarray:
    """The coefficients as lifelines finds them, to some seven digits, from which few steps are left.

    With delayed entry or weights it would go through the children one by one, half a minute for ten thousand, and
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


def variance_of(fit: Fit, cases: pd.DataFrame, cluster: str | None) -> np.ndarray:
    """The variance of the coefficients; robust when children belong together or have weights."""
    if fit.risk_sets is None or (cluster is None and fit.follow.weight is None):
        return fit.variance
    residuals = pd.DataFrame(fit.risk_sets.score_residuals())
    together = _clusters(cases, cluster)[fit.design.rows]
    influence = residuals.groupby(together).sum().to_numpy() @ np.nan_to_num(fit.variance)
    return influence.T @ influence


def _clusters(cases: pd.DataFrame, cluster: str | None) -> np.ndarray:
    """Who belongs together, by number: by default the rows of one child; of a missing value each row for itself."""
    rows = np.arange(len(cases))
    if cluster is None and "child_row" in cases.columns:
        cluster = "child_row"
    if cluster is None:
        return rows
    require_columns(cases, [cluster])
    codes, values = pd.factorize(cases[cluster])
    return np.where(codes < 0, len(values) + rows, codes)

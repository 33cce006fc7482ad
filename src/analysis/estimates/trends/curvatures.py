"""The age–period–cohort model, with each effect split into a line and what is orthogonal to it."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimates.trends.age_period_grid import EFFECTS
from analysis.estimates.trends.loglinear import widening

FEWEST_LEVELS = 3
# A fitted rate this far below the overall one is on its way to nought.
SMALLEST_RATE_RATIO = 1e-7


@dataclass(frozen=True)
class Curvatures:
    """A fitted model; standard errors and covariance are widened by the dispersion."""

    slopes: np.ndarray
    slope_covariance: np.ndarray
    levels: dict[str, np.ndarray]
    deviations: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    blocks: dict[str, np.ndarray]
    deviance: float
    dispersion: float


def fit_curvatures(cells: pd.DataFrame) -> Curvatures | None:
    """Fit the model; nothing where levels or cases are too few for it.

    Slopes are those of age (at a given period) and of period, each in years.
    """
    levels = {effect: np.unique(cells[f"the_{effect}"]) for effect in EFFECTS}
    if min(map(len, levels.values())) < FEWEST_LEVELS:
        return None
    orthogonal = {effect: _orthogonal_to_line(cells, effect, levels[effect]) for effect in EFFECTS}
    line = np.column_stack(
        [np.ones(len(cells)), _centred(cells["the_age"]), _centred(cells["the_period"])]
    )
    blocks = {"line": line, **{effect: part[0] for effect, part in orthogonal.items()}}
    full = _poisson(cells, np.column_stack(list(blocks.values())))
    if full is None:
        return None
    dispersion = full.pearson_chi2 / full.df_resid if full.df_resid > 0 else np.nan
    covariance = full.cov_params() * widening(dispersion)
    ends = np.cumsum([0, *(block.shape[1] for block in blocks.values())])
    deviations, errors = {}, {}
    for effect, start, stop in zip(EFFECTS, ends[1:-1], ends[2:], strict=True):
        basis = orthogonal[effect][1]
        deviations[effect] = basis @ full.params[start:stop]
        errors[effect] = np.sqrt(
            np.einsum("ij,jk,ik->i", basis, covariance[start:stop, start:stop], basis)
        )
    slopes = (full.params[1:3], covariance[1:3, 1:3])
    return Curvatures(*slopes, levels, deviations, errors, blocks, full.deviance, dispersion)


def rise_in_deviance(cells: pd.DataFrame, model: Curvatures, effect: str) -> float:
    """By how much the deviance rises without the deviations of one effect; missing where that model has no estimate."""
    rest = _poisson(
        cells, np.column_stack([block for name, block in model.blocks.items() if name != effect])
    )
    return np.nan if rest is None else max(rest.deviance - model.deviance, 0.0)


def _centred(column: pd.Series) -> np.ndarray:
    return (column - column.mean()).to_numpy()


def _orthogonal_to_line(
    cells: pd.DataFrame, effect: str, levels: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the design, and what they mean at each level: no mean and no slope, cells weighing by person-years."""
    from scipy.linalg import null_space

    at = np.searchsorted(levels, cells[f"the_{effect}"])
    weights = np.bincount(at, cells["the_person_years"])
    line = np.vstack([np.ones(len(levels)), levels - levels.mean()]) * (weights / weights.mean())
    basis = null_space(line)
    return basis[at], basis


def _poisson(cells: pd.DataFrame, design: np.ndarray):
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, PerfectSeparationWarning

    if len(design) < design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    cases, person_years = cells["the_cases"].to_numpy(), cells["the_person_years"].to_numpy()
    model = sm.GLM(cases, design, family=sm.families.Poisson(), offset=np.log(person_years))
    with warnings.catch_warnings():
        # Counts that the model meets exactly are no fault of theirs; what does not settle has no estimate.
        for kind in (PerfectSeparationWarning, ConvergenceWarning):
            warnings.simplefilter("ignore", kind)
        fit = model.fit(tol=1e-11, maxiter=60, wls_method="qr")
    rates = fit.fittedvalues / person_years
    runs_off = rates.min() < SMALLEST_RATE_RATIO * cases.sum() / person_years.sum()
    return fit if fit.converged and not runs_off else None

"""The age–period–cohort model: ages and periods on one grid, each effect a line and what departs from it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.rates.ages import AGE_BAND, AGE_COLUMNS
from analysis.estimates.trends.loglinear import trend_rows, widening
from analysis.strata import require_columns, require_list

if TYPE_CHECKING:
    from statsmodels.genmod.generalized_linear_model import GLMResults

WHAT = "age–period–cohort"
EFFECTS = ("age", "period", "cohort")
FEWEST_LEVELS = 3
# A fitted rate this far below the overall one is on its way to 0.
SMALLEST_RATE_RATIO = 1e-7


def lexis_rows(counts: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Rows fit for an age–period–cohort model: ``by``, cases, person-years, and ``age period cohort`` in years."""
    require_list("by", by)
    age = next((name for name in AGE_COLUMNS if name in counts.columns), "age_group")
    require_columns(counts, [age, *by])
    ages = _read_bands(counts[age])
    periods = _read_periods(counts, ages.width)
    faults = [*ages.faults, *periods.faults]
    if not faults and len(counts) and ages.width != periods.width:
        widths = f"{age} is {ages.width} years wide and {periods.column} {periods.width}"
        faults = [f"{widths}: give both the same width"]
    if faults:
        raise InputError(WHAT, faults)
    rows = trend_rows(WHAT, counts.assign(year=periods.first), by)
    return rows.assign(
        the_age=ages.first, the_period=periods.first, the_cohort=periods.first - ages.first
    )


@dataclass(frozen=True)
class ReadBands:
    """The first year of each row's band, the width of all bands, and what is wrong with them."""

    column: str
    first: np.ndarray
    width: int
    faults: list[str]


def _read_periods(counts: pd.DataFrame, width: int) -> ReadBands:
    """Periods or years; with both in the table, those that are as wide as the ages."""
    times = [name for name in ("period", "year") if name in counts.columns] or ["year"]
    require_columns(counts, times)
    periods = [_read_bands(counts[name]) for name in times]
    return next((bands for bands in periods if bands.width == width), periods[0])


def _read_bands(column: pd.Series) -> ReadBands:
    codes, labels = pd.factorize(column, use_na_sentinel=True)
    written = [AGE_BAND.fullmatch(_as_written(label)) for label in labels]
    faults = [
        f"{column.name}: {str(label)!r} is not a year or a closed band of years"
        for label, match in zip(labels, written, strict=True)
        if not match or match.group(3)
    ]
    if (codes < 0).any():
        faults.append(f"{column.name}: must be filled in")
    if faults or not len(labels):
        return ReadBands(column.name, np.full(len(column), np.nan), 1, faults)
    first = np.array([int(match.group(1)) for match in written])
    last = np.array([int(match.group(2) or match.group(1)) for match in written])
    faults = _faults_of_widths(column.name, first, last - first + 1)
    return ReadBands(column.name, first[codes].astype(float), int(min(last - first + 1)), faults)


def _faults_of_widths(column: str, first: np.ndarray, widths: np.ndarray) -> list[str]:
    different = np.unique(widths)
    if len(different) == 1 and not ((first - first.min()) % different[0]).any():
        return []
    rule = "bands must be equally wide and follow each other"
    return [f"{column}: {rule}; widths are {different.tolist()}"]


def _as_written(label: object) -> str:
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def lexis_cells(rows: pd.DataFrame) -> pd.DataFrame:
    """Cells with person-years, less the ages, periods and cohorts without a case: they say nothing of the rest."""
    observed = rows[rows["the_person_years"] > 0]
    keys = [f"the_{effect}" for effect in EFFECTS]
    cells = observed.groupby(keys, as_index=False)[["the_cases", "the_person_years"]].sum()
    while True:
        with_cases = np.logical_and.reduce(
            [cells.groupby(key)["the_cases"].transform("sum") > 0 for key in keys]
        )
        if with_cases.all():
            return cells.reset_index(drop=True)
        cells = cells[with_cases]


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
    bases = {effect: _orthogonal_to_line(cells, effect, levels[effect]) for effect in EFFECTS}
    blocks = {"line": _line(cells)}
    for effect, basis in bases.items():
        blocks[effect] = basis[np.searchsorted(levels[effect], cells[f"the_{effect}"])]
    full = _poisson(cells, np.column_stack(list(blocks.values())))
    if full is None:
        return None
    dispersion = _dispersion(full)
    covariance = full.cov_params() * widening(dispersion)
    deviations, errors = _at_levels(bases, full.params, covariance)
    return Curvatures(
        slopes=full.params[1:3],
        slope_covariance=covariance[1:3, 1:3],
        levels=levels,
        deviations=deviations,
        errors=errors,
        blocks=blocks,
        deviance=full.deviance,
        dispersion=dispersion,
    )


def _at_levels(
    bases: dict[str, np.ndarray], coefficients: np.ndarray, covariance: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The deviation of each level of each effect from its line, and its standard error."""
    deviations, errors = {}, {}
    # Constant and two slopes come first, then the effects in their order.
    start = 3
    for effect, basis in bases.items():
        own = slice(start, start + basis.shape[1])
        deviations[effect] = basis @ coefficients[own]
        variance = np.einsum("ij,jk,ik->i", basis, covariance[own, own], basis)
        errors[effect] = np.sqrt(variance)
        start += basis.shape[1]
    return deviations, errors


def _dispersion(fit: "GLMResults") -> float:
    return fit.pearson_chi2 / fit.df_resid if fit.df_resid > 0 else np.nan


def rise_in_deviance(cells: pd.DataFrame, model: Curvatures, effect: str) -> float:
    """By how much the deviance rises without the deviations of one effect; missing where that model has no estimate."""
    others = [block for name, block in model.blocks.items() if name != effect]
    rest = _poisson(cells, np.column_stack(others))
    return np.nan if rest is None else max(rest.deviance - model.deviance, 0.0)


def _line(cells: pd.DataFrame) -> np.ndarray:
    """Constant, age and period of each cell."""
    age, period = (cells[name] - cells[name].mean() for name in ("the_age", "the_period"))
    return np.column_stack([np.ones(len(cells)), age, period])


def _orthogonal_to_line(cells: pd.DataFrame, effect: str, levels: np.ndarray) -> np.ndarray:
    """Columns over the levels that have no mean and no slope, cells weighing by person-years."""
    from scipy.linalg import null_space

    level = np.searchsorted(levels, cells[f"the_{effect}"])
    weights = np.bincount(level, cells["the_person_years"])
    line = np.vstack([np.ones(len(levels)), levels - levels.mean()]) * (weights / weights.mean())
    return null_space(line)


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

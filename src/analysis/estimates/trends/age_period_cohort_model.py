"""The age–period–cohort model: ages and periods on one grid, each effect a line and what departs from it."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.rates.ages import AGE_BAND, AGE_COLUMNS
from analysis.estimates.trends.loglinear import trend_rows, widening
from analysis.strata import require_columns

WHAT = "age–period–cohort"
EFFECTS = ("age", "period", "cohort")
FEWEST_LEVELS = 3
# A fitted rate this far below the overall one is on its way to nought.
SMALLEST_RATE_RATIO = 1e-7


def lexis_rows(counts: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Rows fit for an age–period–cohort model: ``by``, cases, person-years, and ``age period cohort`` in years."""
    age = next((name for name in AGE_COLUMNS if name in counts.columns), "age_group")
    require_columns(counts, [age, *by])
    ages, age_width, faults = _bands(counts[age])
    times = [name for name in ("period", "year") if name in counts.columns] or ["year"]
    require_columns(counts, times)
    read = {name: _bands(counts[name]) for name in times}
    time = next((name for name in times if read[name][1] == age_width), times[0])
    periods, period_width, time_faults = read[time]
    faults += time_faults
    if not faults and len(counts) and age_width != period_width:
        faults = [
            f"{age} is {age_width} years wide and {time} {period_width}: give both the same width"
        ]
    if faults:
        raise InputError(WHAT, faults)
    rows = trend_rows(WHAT, counts.assign(year=periods), by)
    return rows.assign(the_age=ages, the_period=periods, the_cohort=periods - ages)


def _bands(column: pd.Series) -> tuple[np.ndarray, int, list[str]]:
    """First year of each row's band, the width of all bands, and what is wrong with them."""
    codes, labels = pd.factorize(column, use_na_sentinel=True)
    read = [AGE_BAND.fullmatch(_as_written(label)) for label in labels]
    faults = [
        f"{column.name}: {label!r} is not a year or a closed band of years"
        for label in _unread(labels, read)
    ]
    if (codes < 0).any():
        faults.append(f"{column.name}: must be filled in")
    if faults or not len(labels):
        return np.full(len(column), np.nan), 1, faults
    first = np.array([int(found.group(1)) for found in read])
    last = np.array([int(found.group(2) or found.group(1)) for found in read])
    widths = np.unique(last - first + 1)
    if len(widths) > 1 or ((first - first.min()) % widths[0]).any():
        faults = [
            f"{column.name}: bands must be equally wide and follow each other; widths are {widths.tolist()}"
        ]
    return first[codes].astype(float), int(widths[0]), faults


def _as_written(label: object) -> str:
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def _unread(labels: pd.Index, read: list) -> list[str]:
    return [
        str(label) for label, found in zip(labels, read, strict=True) if not found or found.group(3)
    ]


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

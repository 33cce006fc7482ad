"""How likely a death from the cancer is, and one from anything else, without causes of death."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimates.intervals.confidence import normal_quantile
from analysis.estimates.relative_survival.excess_hazard import Steps, hazard_steps
from analysis.estimates.relative_survival.lexis import beyond_the_table
from analysis.estimates.relative_survival.life_lines import read_life_lines
from analysis.estimates.relative_survival.life_tables import mortality_of
from analysis.estimates.survival.running_sums import just_before, running_product, running_sum
from analysis.strata import number_strata

COUNTS = ("time_days", "at_risk", "events", "censored")


def crude_probability_of_death(
    cases: pd.DataFrame,
    life_table: pd.DataFrame,
    *,
    by: Sequence[str] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Crude probabilities of death from the cancer and from other causes, in each stratum.

    .. math:: F_E(t) = \\sum_{t_j \\le t} S(t_{j-1}) (d\\Lambda_j - d\\Lambda_{P,j}), \\quad
              F_P(t) = \\sum_{t_j \\le t} S(t_{j-1})\\, d\\Lambda_{P,j}

    S is Kaplan–Meier survival, :math:`d\\Lambda_j = d_j / n_j`, and :math:`d\\Lambda_{P,j}` the mean over those at risk
    of the population's hazard since the time before. With v(t) the steps :math:`d_j / n_j^2`,

    .. math:: var F_E(t) = \\sum_{t_j \\le t} (S(t_j) - F_E(t) + F_E(t_j))^2 v(t_j), \\quad
              var F_P(t) = \\sum_{t_j \\le t} (F_P(t) - F_P(t_j))^2 v(t_j)

    Reads what ``net_survival`` reads.

    Parameters
    ----------
    cases
        One row a child.
    life_table
        As ``analysis.register.read_life_table`` gives it.
    by
        Stratum columns; empty for the whole.
    confidence
        Coverage of the pointwise interval.

    Returns
    -------
    pandas.DataFrame
        ``by… cause_of_death time_days at_risk events censored cumulative_incidence standard_error lower upper``: in
        each stratum first the rows of ``"cancer"``, then those of ``"other"``, at exits, at every month of the first
        year and every year after it.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As for ``net_survival``.

    Notes
    -----
    The two probabilities and survival add up to 1. The interval is the estimate ± its standard error times the normal
    quantile, cut at 0 and 1; there is none until somebody dies. The estimate for the cancer can be negative where fewer
    die than in the population. The population's hazard is taken as known. R's relsurv 2.3 gives the same estimates and
    variances (2.2 other variances); the limits in what its ``cmp.rel`` returns stand one time too early.

    References
    ----------
    Cronin, Feuer. Stat Med 2000;19:1729–1740. Pohar Perme, Pavlic. J Stat Softw 2018;87(8).

    Examples
    --------
    >>> children = pd.DataFrame({"sex": "male", "birth_date": "2000-05-01", "diagnosis_date": "2010-01-01",
    ...     "follow_up_days": [400, 800, 800], "event": [1, 0, 0]})
    >>> table = pd.DataFrame({"sex": "male", "year": 2010, "age": [0], "mortality_rate": [0.01]})
    >>> crude = crude_probability_of_death(children, table)
    >>> crude[crude["time_days"] == 800][["cause_of_death", "cumulative_incidence"]].round(3).values.tolist()
    [['cancer', 0.315], ['other', 0.018]]
    """
    z = normal_quantile(confidence)
    mortality = mortality_of(life_table)
    lines = read_life_lines(cases, mortality)
    stratum, strata = number_strata(cases, by)
    steps = hazard_steps(lines, mortality, stratum, "ederer-2", round_rows=True)
    rows = strata.iloc[steps.stratum].reset_index(drop=True)
    curves = [_curve(rows, steps, cause, z) for cause in ("cancer", "other")]
    # In each stratum one cause after the other.
    order = np.argsort(np.tile(steps.stratum, 2), kind="stable")
    both = pd.concat(curves, ignore_index=True).iloc[order].reset_index(drop=True)
    return both.assign(**beyond_the_table(lines, mortality))


def _curve(rows: pd.DataFrame, steps: Steps, cause: str, z: float) -> pd.DataFrame:
    probability, variance = _cumulative_incidence(steps, cause)
    error = np.sqrt(variance)
    # Until somebody dies the variance is nought, and an interval of no width would be read as certainty.
    margin = np.where((error > 0) | (probability == 0), z * error, np.nan)
    return rows.assign(
        cause_of_death=cause,
        **{name: getattr(steps, name) for name in COUNTS},
        cumulative_incidence=probability,
        standard_error=error,
        lower=np.clip(probability - margin, 0, 1),
        upper=np.clip(probability + margin, 0, 1),
    )


def _cumulative_incidence(steps: Steps, cause: str) -> tuple[np.ndarray, np.ndarray]:
    """The probability by each time and its variance, whose sum over times to each time is three running sums."""
    stratum = steps.stratum
    survival = running_product(stratum, 1 - steps.observed)
    before = just_before(stratum, survival, at_start=1.0)
    if cause == "cancer":
        probability = running_sum(stratum, before * (steps.observed - steps.population))
        # A death takes away what it would itself have added, and all that was still to come.
        moved = probability + survival
    else:
        probability = moved = running_sum(stratum, before * steps.population)
    square = running_sum(stratum, moved**2 * steps.variance)
    linear = running_sum(stratum, moved * steps.variance)
    constant = running_sum(stratum, steps.variance)
    variance = square - 2 * probability * linear + probability**2 * constant
    return probability, np.maximum(variance, 0)

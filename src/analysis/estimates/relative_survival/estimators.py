"""Survival as far as the cancer alone would have it: net and relative survival against life tables."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.estimates.intervals.confidence import require_choice
from analysis.estimates.intervals.of_net_survival import net_survival_estimates
from analysis.estimates.relative_survival.excess_hazard import METHODS, Steps, hazard_steps
from analysis.estimates.relative_survival.lexis import beyond_the_table
from analysis.estimates.relative_survival.life_lines import potential_follow_up, read_life_lines
from analysis.estimates.relative_survival.life_tables import mortality_of
from analysis.estimates.survival.running_sums import running_product, running_sum
from analysis.strata import number_strata

COUNTS = ("time_days", "at_risk", "events", "censored")


def net_survival(
    cases: pd.DataFrame,
    life_table: pd.DataFrame,
    *,
    method: str = "pohar-perme",
    by: Sequence[str] = (),
    interval: str = "log",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Net survival against a life table: survival if the disease were the only cause of death, in each stratum.

    .. math:: \\hat S_E(t) = \\prod_{t_j \\le t} \\left(1 - \\frac{\\sum_i w_i\\,dN_i}{\\sum_i w_i Y_i}
              + \\int_{t_{j-1}}^{t_j} \\frac{\\sum_i w_i Y_i \\lambda_i\\,du}{\\sum_i w_i Y_i}\\right), \\quad
              w_i(t) = e^{\\Lambda_i(t)}, \\quad
              var \\log \\hat S_E = \\sum_{t_j \\le t} \\frac{\\sum_i w_i^2\\,dN_i}{(\\sum_i w_i Y_i)^2}

    Here :math:`\\lambda_i` is the population's hazard at the child's age in the calendar year, :math:`\\Lambda_i` what
    it has come to since diagnosis. Pohar Perme's estimator is written out; Ederer II has all weights 1; Ederer I and
    Hakulinen divide Kaplan–Meier survival by the expected survival of all children, or of those who could still be
    followed.

    Reads ``follow_up_days`` (days), ``event`` (1 death from any cause), ``sex``, ``birth_date`` and ``diagnosis_date``
    (or ``age_at_diagnosis_days``, or ``age_at_diagnosis`` in completed years, and ``year``), ``country`` where the life
    table has several, and the columns of ``by``; where they are there, ``entry_days`` (days; delayed entry, as in a
    period analysis), ``potential_follow_up_days`` (days; for Hakulinen) and ``standard_weight`` (see
    ``add_standard_weights``). Of the life table ``sex``, ``age`` (completed years), ``year`` or ``period``, and
    ``mortality_rate`` (deaths per person-year), with ``country`` or without.

    Parameters
    ----------
    cases
        One row a child.
    life_table
        As ``analysis.register.read_life_table`` gives it.
    method
        ``"pohar-perme"``, ``"ederer-1"``, ``"ederer-2"`` or ``"hakulinen"``.
    by
        Stratum columns; empty for the whole. A missing value is a stratum of its own.
    interval
        ``"log"``, ``"log-log"`` or ``"plain"``.
    confidence
        Coverage of the pointwise interval.

    Returns
    -------
    pandas.DataFrame
        ``by… time_days at_risk events censored net_survival standard_error lower upper excess_hazard
        expected_survival``, one row for every stratum and time of exit; for Pohar Perme also, where survival has moved
        since, for every month of the first year and every year after it. ``excess_hazard`` is cumulative (``exp`` of
        its negative is the Fleming–Harrington form); ``expected_survival`` is missing for Pohar Perme, whose weights
        leave no group of which it could be said. Where the table ends too soon, ``life_table_before_year``,
        ``life_table_after_year``, ``life_table_before_age`` or ``life_table_after_age`` has the year or age whose rates
        stand in, the same in each row.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        All faults at once: follow-up, dates or sex missing or impossible, a country that the life table has not, a
        life table that is not one, an unknown method or interval, an outcome that is not death.

    Notes
    -----
    Net survival can exceed 1 and can rise, where fewer die than in the population; it is not cut off. The last child's
    death leaves what the population's hazard added since the exit before.

    A year has 365.25 days and a child grows a year older on its birthday (another convention: ``note_year_length``).
    Rates hold from an age, or year, until the next one given; before and after the table its nearest rates are used.
    Who is known by completed years alone is taken to be half a year past the birthday, by year of diagnosis alone
    diagnosed on 1 July.

    The population's hazard is integrated exactly from exit to exit. R's relsurv averages it from the beginning of such
    an interval, which lags behind where exits are far apart: small or old strata differ by up to 0.002 after ten years.

    A closing date for Hakulinen is the latest exit of all, unless ``potential_follow_up_days`` is given. Delayed entry
    weights a child by its hazard since diagnosis, not since entry.

    References
    ----------
    Pohar Perme, Stare, Estève. Biometrics 2012;68:113–120. Ederer, Axtell, Cutler. Natl Cancer Inst Monogr
    1961;6:101–121. Ederer, Heise. NCI End Results Evaluation Program, Methodological Note 10, 1959 (Ederer II).
    Hakulinen. Biometrics 1982;38:933–942.

    Examples
    --------
    >>> children = pd.DataFrame({"sex": "male", "birth_date": ["2000-05-01", "2003-02-01"], "event": [1, 0],
    ...     "diagnosis_date": ["2010-01-01", "2010-01-01"], "follow_up_days": [400, 3000]})
    >>> table = pd.DataFrame({"sex": "male", "year": 2010, "age": [0, 1, 10], "mortality_rate": [0.004, 0.0002, 0.001]})
    >>> net_survival(children, table, method="ederer-2")[["time_days", "net_survival", "expected_survival"]].round(4)
       time_days  net_survival  expected_survival
    0      400.0        0.5005             0.9995
    1     3000.0        0.5033             0.9940
    """
    require_choice("method of net survival", method, METHODS)
    _refuse_other_outcomes(cases)
    mortality = mortality_of(life_table)
    lines = read_life_lines(cases, mortality)
    stratum, strata = number_strata(cases, by)
    is_weighted = method == "pohar-perme"
    potential = potential_follow_up(cases, lines)
    steps = hazard_steps(
        lines, mortality, stratum, method, potential=potential, round_rows=is_weighted
    )
    curve = strata.iloc[steps.stratum].reset_index(drop=True)
    curve = curve.assign(**{name: getattr(steps, name) for name in COUNTS})
    error_of_log = np.sqrt(running_sum(steps.stratum, steps.variance))
    survival = SURVIVAL[method](steps)
    curve = curve.assign(**net_survival_estimates(survival, error_of_log, confidence, interval))
    notes = beyond_the_table(lines, mortality)
    return curve.assign(**_cumulative(steps, is_weighted), **notes)


def _cumulative(steps: Steps, is_weighted: bool) -> dict[str, np.ndarray | float]:
    observed = running_sum(steps.stratum, steps.observed)
    population = running_sum(steps.stratum, steps.population)
    # Weights leave no group of which an expected survival could be said.
    expected = np.nan if is_weighted else np.exp(-population)
    return {"excess_hazard": observed - population, "expected_survival": expected}


def _refuse_other_outcomes(cases: pd.DataFrame) -> None:
    if "outcome" in cases.columns and (cases["outcome"] != "death").any():
        fault = "event: must be death from any cause, as in the life table"
        raise InputError("net survival", [fault])


def _product_of_differences(steps: Steps) -> np.ndarray:
    """What each time leaves, by the difference of the two hazards."""
    # Where all at risk die nobody is left, whatever the population's hazard since the row before.
    left = np.where(steps.observed == 1, 0.0, 1 - steps.observed + steps.population)
    return running_product(steps.stratum, left)


def _ratio_of_survivals(steps: Steps) -> np.ndarray:
    """Kaplan–Meier survival over the survival expected."""
    observed = running_product(steps.stratum, 1 - steps.observed)
    return observed * np.exp(running_sum(steps.stratum, steps.population))


SURVIVAL = {
    "pohar-perme": _product_of_differences,
    "ederer-1": _ratio_of_survivals,
    "ederer-2": _product_of_differences,
    "hakulinen": _ratio_of_survivals,
}

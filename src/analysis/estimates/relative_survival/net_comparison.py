"""Does net survival differ between groups: the log-rank-type test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.errors import InputError
from analysis.estimates.relative_survival.lexis import hazards_at
from analysis.estimates.relative_survival.life_lines import LifeLines, read_life_lines
from analysis.estimates.relative_survival.life_tables import Mortality, mortality_of
from analysis.estimates.relative_survival.weighted_risk_sets import (
    RiskSets,
    added_up,
    exponential,
    just_after_the_row_before,
    sums_over_life_lines,
)
from analysis.strata import number_strata


def net_log_rank_test(
    cases: pd.DataFrame,
    life_table: pd.DataFrame,
    *,
    between: str | Sequence[str],
    strata: Sequence[str] = (),
) -> pd.DataFrame:
    """Whether net survival is the same in all groups, against a life table.

    .. math:: Z_h = \\int dN^w_{E,h} - \\frac{Y^w_h}{Y^w}\\, dN^w_E, \\quad dN^w_{E,h} = \\sum_{i \\in h} w_i
              (dN_i - Y_i \\lambda_i\\,du), \\quad w_i = e^{\\Lambda_i}

    Reads what ``net_survival`` reads, the columns of ``between`` and those of ``strata``.

    Parameters
    ----------
    cases
        One row a child.
    life_table
        As ``analysis.register.read_life_table`` gives it.
    between
        The column that makes the groups, or several.
    strata
        Columns within whose strata groups are compared (as age groups, when these differ between the groups).

    Returns
    -------
    pandas.DataFrame
        One row: ``strata`` (how many groups were compared) ``test_statistic degrees_of_freedom p_value``. The last two
        are missing with fewer than two groups, or where too few have died for the variance to be known.

    Raises
    ------
    MissingStepError
        A column is not there.
    InputError
        As for ``net_survival``; or ``between`` is empty.

    Notes
    -----
    With few deaths in a group the chi-square distribution is rough; R warns below ten. The population's part is
    integrated with the shares of the groups at both ends of each interval, R's relsurv takes those at the end.

    References
    ----------
    Grafféo, Castell, Belot, Giorgi. Biometrics 2016;72:760–768. Pavlič, Pohar Perme. Biostatistics 2017;18:107–121.

    Examples
    --------
    >>> children = pd.DataFrame({"sex": ["male", "male", "female", "female"], "birth_date": "2000-05-01",
    ...     "diagnosis_date": "2010-01-01", "follow_up_days": [100, 200, 300, 400], "event": [1, 1, 1, 0]})
    >>> table = pd.DataFrame({"sex": ["male", "female"], "year": 2010, "age": 0, "mortality_rate": 0.0})
    >>> net_log_rank_test(children, table, between="sex").round(3)
       strata  test_statistic  degrees_of_freedom  p_value
    0       2            1.96                   1    0.162
    """
    compared = [between] if isinstance(between, str) else list(between)
    if not compared:
        fault = "between: name at least one column to compare"
        raise InputError("comparison of net survival", [fault])
    mortality = mortality_of(life_table)
    lines = read_life_lines(cases, mortality)
    group, groups = number_strata(cases, compared)
    stratum, layers = number_strata(cases, strata)
    shape = len(layers), len(groups)
    score, variance = _score(lines, mortality, stratum * len(groups) + group, shape)
    freedom = max(len(groups) - 1, 0)
    statistic = np.nan
    if freedom and np.linalg.matrix_rank(variance[:-1, :-1]) == freedom:
        statistic = float(score[:-1] @ np.linalg.solve(variance[:-1, :-1], score[:-1]))
    return pd.DataFrame(
        {
            "strata": [len(groups)],
            "test_statistic": [statistic],
            "degrees_of_freedom": [freedom],
            "p_value": [float(chdtrc(freedom, statistic)) if freedom else np.nan],
        }
    )


@dataclass(frozen=True)
class Compared:
    """Sums of weights by stratum, group and time: at risk before it and after the time before, dead, dead squared."""

    at_risk: np.ndarray
    before: np.ndarray
    dead: np.ndarray
    squared: np.ndarray


def _score(
    lines: LifeLines, mortality: Mortality, numbers: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """The groups' deaths in excess of their share, and the variances of these, added up over strata."""
    sums = _weighted_sums(lines, mortality, numbers, shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        share, share_before = (
            np.nan_to_num(each / each.sum(axis=1, keepdims=True))
            for each in (sums.at_risk, sums.before)
        )
    expected = np.maximum(sums.at_risk - sums.before, 0)
    excess_expected = expected - (share + share_before) / 2 * expected.sum(axis=1, keepdims=True)
    score = (sums.dead - share * sums.dead.sum(axis=1, keepdims=True) - excess_expected).sum(
        axis=(0, 2)
    )
    crossed = np.einsum("sgt,sht->gh", share, sums.squared)
    squares = np.einsum("sgt,sht,st->gh", share, share, sums.squared.sum(axis=1), optimize=True)
    return score, np.diag(sums.squared.sum(axis=(0, 2))) - crossed - crossed.T + squares


def _weighted_sums(
    lines: LifeLines, mortality: Mortality, numbers: np.ndarray, shape: tuple[int, int]
) -> Compared:
    sets = _at_every_time(numbers, int(np.prod(shape)), lines)
    here, met = sums_over_life_lines(lines, mortality, numbers, sets, exponential(1))
    leaves = lines.weight * np.exp(met)
    comes = lines.weight * np.exp(hazards_at(lines, mortality, lines.entry))
    died, length = lines.event.astype(float), len(sets)
    change = added_up(sets.come, comes, length) - added_up(sets.gone, leaves, length)
    begun = np.bincount(numbers[sets.come < 0], lines.weight[sets.come < 0], minlength=sets.strata)
    before = just_after_the_row_before(sets, here, change, begun)
    dead, squared = (added_up(sets.gone, died * leaves**power, length) for power in (1, 2))
    return Compared(
        *(each.reshape(*shape, len(sets.times)) for each in (here, before, dead, squared))
    )


def _at_every_time(numbers: np.ndarray, strata: int, lines: LifeLines) -> RiskSets:
    """A row for every stratum and every time at which anybody anywhere comes or goes."""
    late = lines.entry > 0
    rank, times = pd.factorize(np.concatenate([lines.exit, lines.entry[late]]), sort=True)
    rows = numbers * len(times) + rank[: len(lines)]
    come = np.full(len(lines), -1)
    come[late] = numbers[late] * len(times) + rank[len(lines) :]
    stratum, each = np.divmod(np.arange(strata * len(times)), max(len(times), 1))
    return RiskSets(times, strata, stratum, each, come, rows)

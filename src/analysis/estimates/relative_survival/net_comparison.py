"""Does net survival differ between groups: the log-rank-type test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from analysis.errors import InputError
from analysis.estimates.relative_survival.life_line_sums import Exponential, sums_at_risk
from analysis.estimates.relative_survival.life_lines import LifeLines, read_life_lines
from analysis.estimates.relative_survival.life_tables import Mortality, mortality_of
from analysis.estimates.relative_survival.weighted_risk_sets import RiskSets
from analysis.strata import number_strata, require_list


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
    require_list("strata", strata)
    columns = _columns(between)
    mortality = mortality_of(life_table)
    lines = read_life_lines(cases, mortality)
    group, groups = number_strata(cases, columns)
    layer, layers = number_strata(cases, strata)
    sums = _weighted_sums(lines, mortality, layer * len(groups) + group, (len(layers), len(groups)))
    degrees = max(len(groups) - 1, 0)
    statistic = _statistic(_score(sums)[:-1], _variance(sums)[:-1, :-1]) if degrees else np.nan
    return pd.DataFrame(
        {
            "strata": [len(groups)],
            "test_statistic": [statistic],
            "degrees_of_freedom": [degrees],
            "p_value": [float(chdtrc(degrees, statistic)) if degrees else np.nan],
        }
    )


def _columns(between: str | Sequence[str]) -> list[str]:
    columns = [between] if isinstance(between, str) else list(between)
    if not columns:
        fault = "between: name at least one column to compare"
        raise InputError("comparison of net survival", [fault])
    return columns


def _statistic(score: np.ndarray, variance: np.ndarray) -> float:
    if np.linalg.matrix_rank(variance) < len(score):
        return np.nan
    return float(score @ np.linalg.solve(variance, score))


@dataclass(frozen=True)
class WeightedSums:
    """Sums of weights by stratum, group and time: at risk before it and after the time before, dead, dead squared."""

    at_risk: np.ndarray
    before: np.ndarray
    dead: np.ndarray
    squared: np.ndarray


def _share(weights: np.ndarray) -> np.ndarray:
    """The share of each group in its stratum at each time; 0 where nobody is at risk."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(weights / weights.sum(axis=1, keepdims=True))


def _score(sums: WeightedSums) -> np.ndarray:
    """The deaths of each group in excess of its share of all, less what the population explains of that."""
    share, share_before = _share(sums.at_risk), _share(sums.before)
    expected = np.maximum(sums.at_risk - sums.before, 0)
    observed = sums.dead - share * sums.dead.sum(axis=1, keepdims=True)
    # Between two times the share of a group changes little: the mean of both ends stands for it.
    mean_share = (share + share_before) / 2
    of_population = expected - mean_share * expected.sum(axis=1, keepdims=True)
    return (observed - of_population).sum(axis=(0, 2))


def _variance(sums: WeightedSums) -> np.ndarray:
    share = _share(sums.at_risk)
    own = np.diag(sums.squared.sum(axis=(0, 2)))
    crossed = np.einsum("sgt,sht->gh", share, sums.squared)
    of_all = sums.squared.sum(axis=1)
    squares = np.einsum("sgt,sht,st->gh", share, share, of_all, optimize=True)
    return own - crossed - crossed.T + squares


def _weighted_sums(
    lines: LifeLines, mortality: Mortality, child_stratum: np.ndarray, shape: tuple[int, int]
) -> WeightedSums:
    sets = _at_every_time(child_stratum, int(np.prod(shape)), lines)
    weights = sums_at_risk(lines, mortality, sets, Exponential(1))
    sums = (
        weights.before,
        weights.after_previous,
        sets.leaving(lines.event * weights.at_exit),
        sets.leaving(lines.event * weights.at_exit**2),
    )
    return WeightedSums(*(by_row.reshape(*shape, len(sets.times)) for by_row in sums))


def _at_every_time(child_stratum: np.ndarray, strata: int, lines: LifeLines) -> RiskSets:
    """A row for every stratum and every time at which anybody anywhere comes or goes."""
    late = lines.entry > 0
    rank, times = pd.factorize(np.concatenate([lines.exit, lines.entry[late]]), sort=True)
    gone = child_stratum * len(times) + rank[: len(lines)]
    come = np.full(len(lines), -1)
    come[late] = child_stratum[late] * len(times) + rank[len(lines) :]
    stratum, row_rank = np.divmod(np.arange(strata * len(times)), max(len(times), 1))
    return RiskSets(times, strata, stratum, row_rank, child_stratum, come, gone)

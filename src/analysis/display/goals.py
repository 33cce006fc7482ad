"""Goals beside shares: met, not met, or not to be told from so few, in a mark that needs no colour."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.strata import require_columns

# A full, an empty and a half circle: told apart in grey, and never without their word.
GOAL_MARKS = {"met": "●", "not_met": "○", "cannot_tell": "◐"}


def add_goal(shares: pd.DataFrame, goals: float | Mapping[str, float], of: str = "indicator") -> pd.DataFrame:
    """The goal of each share, and whether its interval lies above it, below it, or across.

    Reads ``share``, ``lower`` and ``upper`` (0–1), and the column ``of`` where ``goals`` is a mapping; adds ``goal``
    (0–1) and ``goal_verdict`` (``met``, ``not_met``, ``cannot_tell``), which ``table`` prints as a mark with its word.

    Parameters
    ----------
    shares
        As ``proportion`` returns them: those not yet due are in neither the numerator nor the denominator.
    goals
        One goal for all, or the goal of each value of ``of``.
    of
        The column that names the indicator.

    Returns
    -------
    pandas.DataFrame
        The same rows; the goal is missing where none is set, and its verdict with it.

    Notes
    -----
    The verdict is that of the 95 % interval: met where the lower limit reaches the goal, not met where the upper
    limit stays under it. In small units chance alone carries a share across a goal, so that most of them cannot
    be told; that is the finding, not a lack of one.

    Examples
    --------
    >>> shares = pd.DataFrame({"share": [0.9, 0.5, 0.8], "lower": [0.85, 0.4, 0.6], "upper": [0.94, 0.6, 0.9]})
    >>> add_goal(shares, 0.8)["goal_verdict"].tolist()
    ['met', 'not_met', 'cannot_tell']
    """
    require_columns(shares, ["share", "lower", "upper", *([of] if isinstance(goals, Mapping) else [])])
    goal = shares[of].astype(object).map(goals) if isinstance(goals, Mapping) else goals
    judged = shares.assign(goal=pd.to_numeric(goal))
    lower, upper, goal = (
        judged[column].to_numpy(dtype=float, na_value=np.nan) for column in ("lower", "upper", "goal")
    )
    verdict = np.select([np.isnan(goal), lower >= goal, upper < goal], ["", "met", "not_met"], "cannot_tell")
    return judged.assign(goal_verdict=pd.Series(verdict, index=judged.index, dtype=object).replace("", None))

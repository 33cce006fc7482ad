"""Goals beside shares: met, not met, or not to be told from so few, in a mark that needs no colour."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.display.columns import is_missing, value_label
from analysis.display.disclosure.public_table import Totals
from analysis.display.disclosure.published_tables import publish
from analysis.display.language import HARD, say_estimate
from analysis.strata import require_columns
from analysis.terms import label

# A full, an empty and a half circle: told apart in grey, and never without their word.
GOAL_MARKS = {"met": "●", "not_met": "○", "cannot_tell": "◐"}


def add_goal(
    shares: pd.DataFrame, goals: float | Mapping[str, float], of: str = "indicator"
) -> pd.DataFrame:
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
    require_columns(
        shares, ["share", "lower", "upper", *([of] if isinstance(goals, Mapping) else [])]
    )
    goal = shares[of].astype(object).map(goals) if isinstance(goals, Mapping) else goals
    judged = shares.assign(goal=pd.to_numeric(goal))
    lower, upper, goal = (
        judged[column].to_numpy(dtype=float, na_value=np.nan)
        for column in ("lower", "upper", "goal")
    )
    verdict = np.select(
        [np.isnan(goal), lower >= goal, upper < goal], ["", "met", "not_met"], "cannot_tell"
    )
    return judged.assign(
        goal_verdict=pd.Series(verdict, index=judged.index, dtype=object).replace("", None)
    )


def goal_words(verdict: object, language: str) -> str:
    """A verdict as its mark and its word; nothing where there is none.

    Examples
    --------
    >>> goal_words("cannot_tell", "nb").replace(HARD, " ")
    '◐ uavklart'
    """
    if is_missing(verdict):
        return ""
    word = value_label("goal_verdict", verdict, language)
    return f"{GOAL_MARKS[verdict]}{HARD}{word}"


def say_goal(row: object, language: str, minimum: int) -> str:
    """Whether a share meets its goal: ``"● met"``; withheld where the share is.

    Columns read: those of :func:`say_estimate`, and ``goal_verdict``.

    Examples
    --------
    >>> one = pd.DataFrame({"eligible": [90], "met": [80], "share": [0.89], "lower": [0.81], "upper": [0.94]})
    >>> say_goal(add_goal(one, 0.8), "en", 5).replace(HARD, " ")
    '● met'
    >>> say_goal(add_goal(one.assign(met=87), 0.8), "en", 5)
    'not shown'
    """
    if isinstance(row, pd.DataFrame):
        row = row.iloc[0] if len(row) else {}
    withheld = label("not_shown", language)
    # The verdict of a small unit would tell its share to within the goal.
    if say_estimate(row, language, "share", minimum) == withheld:
        return withheld
    return goal_words(row.get("goal_verdict"), language) or label("not_estimated", language)


def say_verdicts(judged: pd.DataFrame, language: str, minimum: int, totals: Totals = None) -> str:
    """In how many units a goal is met, not met, not to be told, and not shown, of the rows as they are published.

    Columns read: those of :func:`add_goal`, with the counts of the shares.

    Parameters
    ----------
    judged
        The units of a table, as they are handed to it.
    language, minimum, totals
        As in :func:`analysis.display.table`, so that what is withheld there is not counted here.

    Examples
    --------
    >>> two = pd.DataFrame({"region": ["Nord", "Vest"], "eligible": [90, 80], "met": [80, 40]})
    >>> two = two.assign(share=[0.89, 0.5], lower=[0.81, 0.39], upper=[0.94, 0.61])
    >>> say_verdicts(add_goal(two, 0.8), "en", 5).replace(HARD, " ")
    '● met: 1, ○ not met: 1, ◐ cannot tell: 0'
    """
    verdicts = publish(judged, minimum, totals).frame["goal_verdict"]
    counted = [
        f"{goal_words(verdict, language)}: {(verdicts == verdict).sum()}" for verdict in GOAL_MARKS
    ]
    if not_shown := verdicts.isna().sum():
        counted.append(f"{label('not_shown', language)}: {not_shown}")
    return ", ".join(counted)

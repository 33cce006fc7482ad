"""Names that several lines of a table share are printed once, over all of them."""

from collections.abc import Hashable, Sequence
from itertools import groupby

import pandas as pd

from analysis.display.columns import MEASURES, PLAIN, is_missing


def key_columns(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """What a line of a table is about: the stratum columns in front, and the years after diagnosis.

    Examples
    --------
    >>> shown = pd.DataFrame({"sex": ["male"], "children": [60], "years": [5], "survival": [0.9]})
    >>> key_columns(shown, list(shown.columns))
    ['sex', 'years']
    """
    keys = []
    for column in columns:
        if column in MEASURES or (
            pd.api.types.is_numeric_dtype(frame[column]) and column not in PLAIN
        ):
            break
        keys.append(column)
    # Years after diagnosis stand behind the number of children, and are part of the name all the same.
    return [*keys, *(["years"] if keys and "years" in columns and "years" not in keys else [])]


def shared_names(frame: pd.DataFrame, keys: Sequence[str]) -> list[list[int]]:
    """How many lines each name stands for, by key column: 0 where a line above has said it.

    A name is shared by lines that follow one another and share all names in front of it too. The last key
    is each line's own.

    Examples
    --------
    >>> shown = pd.DataFrame({"sex": ["male", "male", "female"], "years": [1, 5, 1]})
    >>> shared_names(shown, ["sex", "years"])
    [[2, 0, 1], [1, 1, 1]]
    """
    spans = []
    for depth in range(1, len(keys)):
        names = [_names(row) for row in frame[list(keys[:depth])].itertuples(index=False)]
        lengths = [len(list(lines)) for _, lines in groupby(names)]
        spans.append([n if line == 0 else 0 for n in lengths for line in range(n)])
    return [*spans, [1] * len(frame)] if keys else []


def _names(row: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    # A missing name is like another missing one, which NaN would not be.
    return tuple(None if is_missing(value) else value for value in row)


def grouped_bodies(
    rows: list[list[dict]], places: Sequence[int], spans: list[list[int]]
) -> list[list[list[dict]]]:
    """The lines of a table by the name in front, each name once and a heading of its lines.

    Parameters
    ----------
    rows
        Cells by line.
    places
        Where in a line the key columns stand.
    spans
        As :func:`shared_names` gives it.
    """
    bodies = []
    for line, cells in enumerate(rows):
        lengths = {column: spans[depth][line] for depth, column in enumerate(places)}
        if lengths[places[0]]:
            bodies.append([])
        bodies[-1].append(
            [
                cell | _heading(column, lengths, places)
                for column, cell in enumerate(cells)
                if lengths.get(column, 1)
            ]
        )
    return bodies


def _heading(column: int, spans: dict[int, int], places: Sequence[int]) -> dict:
    if column not in spans:
        return {"scope": ""}
    return {"scope": "rowgroup" if column == places[0] else "row", "span": spans[column]}

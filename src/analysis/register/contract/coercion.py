"""From the cells of an extract to typed columns, with the rows that would not go.

Extracts repeat themselves: a column of a million cells may hold four codes. Text is therefore typed
and checked once for each distinct cell.
"""

from collections.abc import Callable
from datetime import date, datetime

import numpy as np
import pandas as pd

# Beyond these, nanoseconds cannot count.
FIRST_DATE, LAST_DATE = pd.Timestamp("1678-01-01"), pd.Timestamp("2262-01-01")
LARGEST_WHOLE = 2**53


def coerce_column(
    column: pd.Series, kind: str, name: str, holds: Callable[[pd.Series], np.ndarray] | None = None
) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Type one column; what cannot be typed becomes missing and is reported.

    Parameters
    ----------
    column
        Text, numbers or dates.
    kind
        ``"text"``, ``"date"``, ``"whole"`` or ``"decimal"``.
    name
        Name of the column: ICD-O codes are brought to one spelling.
    holds
        From typed, filled cells to whether each is allowed; all are when it is not given.

    Returns
    -------
    tuple
        The typed column (object, datetime64, Int64 or float64), and the positions, from 0, of the
        cells that were filled and could not be typed, and of those that are not allowed.
    """
    codes, levels = distinct_cells(column)
    typed = _COERCE[kind](levels)
    if name in _SPELLING:
        typed = _SPELLING[name](typed)
    missing = typed.isna().to_numpy()
    untyped, refused = missing & levels.notna().to_numpy(), np.zeros(len(typed), dtype=bool)
    if holds is not None and not missing.all():
        refused[~missing] = ~holds(typed[~missing])
    # Dates and numbers were not reduced to distinct cells: their positions are those of the rows.
    if codes is None:
        return typed, np.flatnonzero(untyped), np.flatnonzero(refused)
    whole = pd.Series(take_cells(typed, codes), index=column.index, name=column.name)
    return whole, _positions(untyped, codes), _positions(refused, codes)


def distinct_cells(column: pd.Series) -> tuple[np.ndarray | None, pd.Series]:
    """The distinct cells of a text column as stripped text, and which of them each row has (-1 missing).

    Numbers and dates come back as they are, with None: they need no text. Cells without any text are missing.
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if column.dtype != object and not isinstance(column.dtype, pd.StringDtype):
        return None, column
    if pd.api.types.infer_dtype(column, skipna=True) not in ("string", "empty"):
        column = pd.Series([cell_text(cell) for cell in column], index=column.index, dtype=object)
    # Of objects, so that 1 and True, or text of another string type, are not made one beforehand.
    codes, levels = pd.factorize(column.to_numpy(dtype=object))
    return codes, pd.Series([text.strip() or None for text in levels], dtype=object)


def take_cells(levels: pd.Series, codes: np.ndarray):
    """Each row's cell from the distinct ones; missing where there is none."""
    if levels.dtype == object:
        return np.append(levels.to_numpy(object), [None])[codes]
    return levels.array.take(codes, allow_fill=True)


def cell_text(cell: object) -> str | None:
    """A cell as text, as one would write it in a CSV file; None for what is missing or is no cell.

    Examples
    --------
    >>> [cell_text(cell) for cell in (" a ", 9470.0, 3, date(2010, 2, 3), b"x", True, float("nan"), [1])]
    [' a ', '9470', '3', '2010-02-03', 'x', 'yes', None, None]
    """
    if isinstance(cell, str):
        return cell
    # A list must be sorted out first: pandas asks of each of its elements whether it is missing.
    if pd.api.types.is_list_like(cell) or pd.isna(cell):
        return None
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    # A truth is a number to Python, so that it must come before numbers.
    if isinstance(cell, bool | np.bool_):
        return "yes" if cell else "no"
    if isinstance(cell, datetime | date):
        return str(cell).removesuffix(" 00:00:00")
    return _number_text(cell) if pd.api.types.is_number(cell) else str(cell)


def _number_text(number: float) -> str:
    """Whole numbers without a decimal point: a column with gaps has its codes as 9470.0."""
    # Beyond 2**53 a float has no longer every whole number, so that its digits would be invented.
    is_whole = abs(number) < LARGEST_WHOLE and number == int(number)
    return f"{number:.0f}" if is_whole else str(number)


def _positions(wrong: np.ndarray, codes: np.ndarray) -> np.ndarray:
    if not wrong.any():
        return np.empty(0, dtype=np.int64)
    # The code -1 of a missing cell takes the last element, which is never wrong.
    return np.flatnonzero(np.append(wrong, False)[codes])


def _text(column: pd.Series) -> pd.Series:
    if column.dtype == object:
        return column
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.strftime("%Y-%m-%d").astype(object).where(column.notna(), None)
    return pd.Series(
        [cell_text(cell) for cell in column.astype(object)], index=column.index, dtype=object
    )


def _date(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        days = column.dt.tz_localize(None).dt.normalize()
        return days.where((days >= FIRST_DATE) & (days < LAST_DATE)).astype("datetime64[ns]")
    if column.dtype != object:
        return pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns]")
    # pandas would take 2010-1-2 and 201012 as well, and guess what they mean.
    iso = column.where(column.str.len() == len("YYYY-MM-DD"), None)
    return pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")


def _decimal(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        return pd.Series(np.nan, index=column.index)
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    # "inf" is a number to pandas, and none that a registry can mean.
    return numbers.mask(~np.isfinite(numbers))


def _whole(column: pd.Series) -> pd.Series:
    numbers = _decimal(column)
    untyped = (numbers != np.floor(numbers)) | (numbers.abs() > LARGEST_WHOLE)
    return numbers.mask(untyped).astype("Int64")


def _topography(column: pd.Series) -> pd.Series:
    """C716 and c71.6 are C71.6."""
    spelt = [None if text is None else text.upper().replace(".", "") for text in column]
    return pd.Series(
        [text and f"{text[:3]}.{text[3:]}" for text in spelt], index=column.index, dtype=object
    )


def _country(column: pd.Series) -> pd.Series:
    return pd.Series([text and text.upper() for text in column], index=column.index, dtype=object)


_COERCE = {"text": _text, "date": _date, "whole": _whole, "decimal": _decimal}
_SPELLING = {"topography": _topography, "country": _country}

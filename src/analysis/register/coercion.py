"""From the text of an extract to typed columns, with the rows that would not go."""

import numpy as np
import pandas as pd


def coerce_column(column: pd.Series, kind: str, name: str) -> tuple[pd.Series, np.ndarray]:
    """Type one column; what cannot be typed becomes missing and is reported.

    Parameters
    ----------
    column
        Text, numbers or dates.
    kind
        ``"text"``, ``"date"``, ``"whole"`` or ``"decimal"``.
    name
        Name of the column: ICD-O codes are brought to one spelling.

    Returns
    -------
    tuple
        The typed column (object, datetime64, Int64 or float64), and the positions, from 0, of the
        cells that were filled and could not be typed.
    """
    typed = _COERCE[kind](column)
    if name in _SPELLING:
        typed = _SPELLING[name](typed)
    return typed, np.flatnonzero(column.notna().to_numpy() & typed.isna().to_numpy())


def _text(column: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(column):  # whole numbers with gaps arrive as floats: 9470.0
        column = column.astype("Float64").astype("Int64", errors="ignore")
    text = column.astype("string").str.strip()
    return text.mask(text == "").astype(object).where(text.notna() & (text != ""), None)


def _date(column: pd.Series) -> pd.Series:
    if pd.api.types.is_datetime64_any_dtype(column):
        return column.dt.tz_localize(None).dt.normalize().astype("datetime64[ns]")
    return pd.to_datetime(column.astype("string").str.strip(), format="%Y-%m-%d", errors="coerce")


def _decimal(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    return numbers.mask(~np.isfinite(numbers))


def _whole(column: pd.Series) -> pd.Series:
    numbers = _decimal(column)
    return numbers.mask(numbers != np.floor(numbers)).astype("Int64")


def _topography(column: pd.Series) -> pd.Series:
    """C716 and c71.6 are C71.6."""
    text = column.astype("string").str.upper().str.replace(".", "", regex=False)
    dotted = text.str.slice(0, 3) + "." + text.str.slice(3)
    return dotted.astype(object).where(text.notna(), None)


def _country(column: pd.Series) -> pd.Series:
    text = column.astype("string").str.upper()
    return text.astype(object).where(text.notna(), None)


_COERCE = {"text": _text, "date": _date, "whole": _whole, "decimal": _decimal}
_SPELLING = {"topography": _topography, "country": _country}

"""The published numbers for machines: plain CSV."""

import pandas as pd

from analysis.display.disclosure.public_table import Published
from analysis.quantities import note_columns
from analysis.spreadsheets import harmless

DIGITS = 6


def machine_csv(published: Published) -> str:
    """Point decimals, column names of the data dictionary, empty where withheld or not estimated.

    A last column ``suppressed`` tells the two apart. Text that a spreadsheet would run as a formula gets an
    apostrophe in front. Estimates carry six significant digits: more would be noise, and could be
    turned round to a count.
    """
    plain = published.frame.drop(columns=note_columns(published.frame))
    plain = plain.assign(suppressed=published.withheld)
    for column in plain.columns:
        # Only text can be a formula; a negative number begins with a minus sign and is none.
        if pd.api.types.is_float_dtype(plain[column]):
            plain[column] = plain[column].map(_digits)
        elif not pd.api.types.is_numeric_dtype(plain[column]):
            plain[column] = plain[column].map(harmless)
    plain["suppressed"] = plain["suppressed"].map({True: "true", False: "false"})
    return plain.to_csv(index=False, lineterminator="\n")


def _digits(value: float) -> str:
    if pd.isna(value):
        return ""
    return str(int(value)) if float(value).is_integer() else f"{value:.{DIGITS}g}"

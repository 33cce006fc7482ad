"""Cells of a CSV that a spreadsheet shows as they are, and never runs."""

import re
from typing import Any

# A spreadsheet runs text that starts like this as a formula.
_FORMULA = re.compile(r"^(?:\s*[=+\-@＝＋－＠]|[\t\r])")


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula; numbers are left as they are.

    Examples
    --------
    >>> harmless("=1+1"), harmless("-1+1"), harmless("-1.5e-05")
    ("'=1+1", "'-1+1", '-1.5e-05')
    """
    number = isinstance(value, str) and re.fullmatch(r"-?[\d.]+(?:e[+-]?\d+)?", value)
    return "'" + value if isinstance(value, str) and not number and _FORMULA.match(value) else value

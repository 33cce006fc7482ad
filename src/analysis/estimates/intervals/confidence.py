"""What an interval is asked for: how much confidence, and which kind of those that there are."""

from collections.abc import Iterable

from scipy.special import ndtri

from analysis.errors import InputError


def require_choice(what: str, value: object, known: Iterable[str]) -> None:
    """Refuse a choice that is not among the known ones, and list those."""
    known = list(known)
    if value not in known:
        raise InputError(what, [f"{value!r} is not known; choose one of {', '.join(known)}"])


def normal_quantile(confidence: float) -> float:
    """The standard normal quantile of a two-sided interval: 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise InputError("confidence", ["must lie between 0 and 1, as in 0.95"])
    return float(ndtri(0.5 + confidence / 2))

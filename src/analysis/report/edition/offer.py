"""What sources give to a report, whatever they are and however they are read."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SourceOffer:
    """What the sources of an edition offer to a report.

    ``parameters`` are those of chapters; ``available`` is what chapters may need; ``invented`` names the
    sources that describe nobody; ``inputs`` records each source; ``checks`` is what a registry's checks found.
    """

    parameters: Mapping[str, str | int]
    available: frozenset[str] = frozenset()
    invented: frozenset[str] = frozenset()
    inputs: tuple[Mapping, ...] = ()
    checks: Mapping = field(default_factory=dict)

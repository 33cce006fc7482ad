"""What became of a chapter."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CellFault:
    """Where a chapter stopped: the cell (counted from 1 in its notebook), its first lines, the error."""

    cell: int
    source: str
    message: str


@dataclass(frozen=True)
class ChapterResult:
    """What became of one run.

    ``status`` is ``"done"``; ``"bound"`` where the cells of an earlier run still hold and only the page is new;
    ``"cached"`` where that holds too; or ``"failed"``.
    ``warnings`` are messages that the cells printed and the page leaves out; ``log`` is the private
    file that holds them, the time of each cell, and the full traceback of a failure.
    """

    name: str
    language: str
    status: str
    seconds: float
    executed: Path
    fault: CellFault | None = None
    warnings: int = 0
    log: Path | None = None

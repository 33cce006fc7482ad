"""A comparison in a folder of its own: a page a language, all changes as CSV, drawings; whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import InputError
from analysis.report.compare.compared_editions import Comparison, RevisedCounts, compare_folders
from analysis.report.compare.comparison_lines import Voice
from analysis.report.compare.comparison_pages import Asked, comparison_files
from analysis.report.files.writing import require_no_path

FIRST = "index.html"
# What every comparison holds, and no other folder.
_MARK = "changes-*.csv"
THRESHOLD = 0.1


@dataclass(frozen=True)
class WrittenComparison:
    """Where a comparison was written, and what it came to, one :class:`Comparison` a language."""

    page: Path
    comparisons: tuple[Comparison, ...]

    @property
    def changed(self) -> bool:
        """Whether anything changed."""
        return any(comparison.changed for comparison in self.comparisons)


def compare_editions(
    was: str | Path,
    now: str | Path,
    tools: tuple[RevisedCounts, Voice],
    folder: str | Path | None = None,
    threshold: float = THRESHOLD,
    languages: Sequence[str] = (),
) -> WrittenComparison:
    """Compare two built editions and write what changed.

    Parameters
    ----------
    was, now
        Folders of the earlier and the later edition; a copy of a public folder serves as the earlier one.
    tools
        The test of revised counts, and how numbers are said: stages share no code.
    folder
        Where it is written: ``private/comparison`` of the later edition where None. An earlier comparison there is
        replaced.
    threshold
        The relative change from which a change is among the largest (0.1 is 10 %).
    languages
        Those to compare; empty for all that both editions have.

    Raises
    ------
    InputError
        See :func:`compare_folders`; or the folder is within a public one, or holds something else.

    Notes
    -----
    The comparison is private. Both editions are public, and yet their difference can tell what neither does: the cases
    of a group in 1985–2023 less those in 1985–2022 are those of one year, of which there may be two. Nor is a number
    told that either edition withheld.
    """
    comparisons = compare_folders(was, now, languages, tools[0])
    target = _folder(comparisons[0], folder)
    codes = [comparison.language for comparison in comparisons]
    names = {code: FIRST if code == codes[0] else f"{code}.html" for code in codes}
    files: dict[str, str] = {}
    for comparison in comparisons:
        switch = tuple((code, name) for code, name in names.items() if code != comparison.language)
        files |= comparison_files(
            comparison, names[comparison.language], Asked(threshold, tools[1], switch)
        )
    require_no_path(
        files, [Path(was).resolve().parent, Path(now).resolve().parent, target.parent, Path.home()]
    )
    _write(files, target)
    return WrittenComparison(target / FIRST, tuple(comparisons))


def _folder(comparison: Comparison, folder: str | Path | None) -> Path:
    public = comparison.now.public
    if folder is None and public.name != "public":
        raise InputError(
            "comparison",
            ["the later edition is a public folder alone: say where to write, with --output"],
        )
    target = Path(folder).resolve() if folder else public.parent / "private" / "comparison"
    within = any(
        edition.public in (target, *target.parents) for edition in (comparison.was, comparison.now)
    )
    if within or "public" in target.parts[-3:]:
        raise InputError(
            "comparison", ["must not be written into a public folder: it can tell small counts"]
        )
    if target.exists() and not target.is_dir():
        raise InputError("comparison", [f"{target.name} is a file: name a folder"])
    if target.is_dir() and any(target.iterdir()) and not any(target.glob(_MARK)):
        raise InputError(
            "comparison",
            [f"{target.name} holds something else: name an empty folder, or a new one"],
        )
    return target


def _write(files: Mapping[str, str], target: Path) -> None:
    """Write beside, then put in place; what was there goes when the new is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".comparison-", dir=target.parent))
    try:
        for name, text in files.items():
            (part / name).parent.mkdir(exist_ok=True)
            (part / name).write_text(text, encoding="utf-8", newline="")
        if target.exists():
            os.replace(target, part / "former")
        os.replace(part, target)
        shutil.rmtree(target / "former", ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)

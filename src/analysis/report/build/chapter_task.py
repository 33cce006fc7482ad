"""What a task is asked to do: plain records, so that asking loads nothing heavy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.report.edition.chapters import AbsentChapter, ChapterRun
from analysis.report.edition.model import Edition
from analysis.report.edition.results import ChapterResult


@dataclass(frozen=True)
class Work:
    """One chapter to be made.

    Attributes
    ----------
    run
        What is run.
    private
        The private folder of the edition.
    digests
        Of every file of the package, by its path in it, when the build began.
    tables
        Digests of the tables that the run reads, by the parameter's name.
    bind_only
        Whether the cells have run already and only the page is made anew.
    forked
        Whether this process is forked for this chapter; else an ordinary kernel runs the cells.
    """

    run: ChapterRun
    private: Path
    digests: Mapping[str, str]
    tables: Mapping[str, str]
    bind_only: bool = False
    forked: bool = True


@dataclass(frozen=True)
class Publication:
    """A report to be put in place.

    Attributes
    ----------
    edition, absent, invented, inputs
        What it is about, see `analysis.report.Report`.
    results
        How the runs went, for reviewers.
    runs
        Whose pages it holds, in reading order.
    folder
        Of the edition.
    guard
        ``"package.module:function"`` that looks through it, see `replace_public`; empty where none does.
    rests
        What it rests on beside the files that frame it.
    digests
        Of every file of the package.
    jobs
        Processes at a time that may be forked for it.
    """

    edition: Edition
    absent: tuple[AbsentChapter, ...]
    invented: frozenset[str]
    inputs: tuple[Mapping, ...]
    results: tuple[ChapterResult, ...]
    runs: Sequence[ChapterRun]
    folder: Path
    guard: str
    rests: Mapping[str, Mapping[str, str]]
    digests: Mapping[str, str]
    jobs: int = 1

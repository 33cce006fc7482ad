"""Why each chapter will or will not run, without running any."""

from collections.abc import Sequence
from pathlib import Path

from analysis.report.build.dependencies import state_now
from analysis.report.build.plan import Choice, Decision, choose_runs, decide
from analysis.report.build.sources import Preparation, kept_offer, stale_sources
from analysis.report.edition.chapters import chapter_runs
from analysis.report.edition.model import Edition

SHOWN = 6


def explain_build(
    edition: Edition, preparation: Preparation, folder: str | Path, choice: Choice | None = None
) -> list[str]:
    """What a build would do and why, a line each; nothing is run and nothing is written.

    Raises
    ------
    InputError
        The choice names what the edition does not have.
    """
    choice, private, state = choice or Choice(), Path(folder).resolve() / "private", state_now()
    stale = stale_sources(preparation, private, state)
    lines = [
        f"sources: will be read: {_phrases(stale)}"
        if stale
        else "sources: as they were read before"
    ]
    offer = kept_offer(private)
    if offer is None:
        return [*lines, "chapters: all that the sources carry will run: no earlier build"]
    runs, absent = chapter_runs(edition, offer.available, offer.parameters)
    chosen = choose_runs(runs, absent, choice)
    decisions = [decide(run, private, state, choice.again and run in chosen) for run in runs]
    if stale:
        lines.append("chapters whose tables change by that will run as well; of the others:")
    return [*lines, *(line for one in decisions if (line := _line(one, one.run in chosen)))]


def _line(decision: Decision, chosen: bool) -> str:
    name = f"{decision.run.name} ({decision.run.language})"
    if decision.to_run:
        return f"{name}: {'will run' if chosen else 'not asked for, and left out'}: {_phrases(decision.to_run)}"
    if decision.to_bind:
        return f"{name}: will be bound anew, not run: {_phrases(decision.to_bind)}"
    return f"{name}: holds"


def _phrases(changes: Sequence[str]) -> str:
    more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
    return ", ".join(changes[:SHOWN]) + more

"""What each command of ``workbench`` does: calls stages at their doors and says what happened."""

import argparse
import os
import sys
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path

from analysis.errors import AnalysisError, InputError
from analysis.terms import ICCC3_GROUPS

GUARD = "analysis.register:require_no_identity_in_files"
LISTED = ("country", "year", "period", "sex", "age_group", "site", "iccc3_group")


def build(options: argparse.Namespace) -> int:
    """Build editions of the report; print the page of each to open. One that cannot be built stops no other."""
    from analysis.report import shared_process

    if len(options.editions) > 1 and (options.watch or options.output):
        raise InputError("several editions", ["--watch and --output are for one edition"])
    if options.watch and (options.scheduler or options.slurm):
        raise InputError(
            "--watch", ["builds on this machine only, not with --scheduler or --slurm"]
        )
    if options.watch:
        return watch(options)
    logs = _folder(options, options.editions[0]) / "private" / "logs"
    with _cluster(options, logs) as elsewhere:
        if len(options.editions) == 1:
            return _build_one(options, options.editions[0], elsewhere=elsewhere)
        with shared_process(logs / "build.log") as shared:
            return max(
                _build_of_many(options, path, shared, elsewhere) for path in options.editions
            )


@contextmanager
def _cluster(options: argparse.Namespace, logs: Path):
    """What runs chapters elsewhere, if that is asked for; it is sought when the first of them must be run."""
    if options.explain or not (options.scheduler or options.slurm):
        yield None
        return
    opening = _cluster_asked_for(options, logs)
    with ExitStack() as stack:
        opened = cache(lambda: stack.enter_context(opening()))
        yield lambda *given: opened()(*given)


def _cluster_asked_for(options: argparse.Namespace, logs: Path):
    from analysis import report

    limits = report.Limits(options.jobs, options.timeout, options.memory)
    try:
        if options.scheduler:
            return partial(report.open_cluster, options.scheduler, limits)
        slurm = options.slurm, options.sbatch, limits, logs / "slurm", options.scratch
        return partial(report.open_slurm, *slurm)
    except ModuleNotFoundError as error:
        install = "install it with pip install 'childhood-cancer-workbench[cluster]'"
        raise InputError("cluster", [f"{error.name} is not installed: {install}"]) from None


def _build_of_many(options: argparse.Namespace, path: Path, shared, elsewhere) -> int:
    if not options.json:
        print(f"{path}:", flush=True)
    try:
        return _build_one(options, path, shared, elsewhere)
    except AnalysisError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1


def _build_one(options: argparse.Namespace, path: Path, shared=None, elsewhere=None) -> int:
    from analysis import report
    from analysis.editions import preparation_of

    edition = report.read_edition(path)
    report.check_chapters(edition)
    folder, choice = _folder(options, path), _choice(options)
    preparation = preparation_of(
        edition, folder, [_folder(options, one) for one in options.editions]
    )
    if options.explain:
        print("\n".join(report.explain_build(edition, preparation, folder, choice)))
        return 0
    with report.open_session(folder, report.limits_of(choice), shared, elsewhere) as workshop:
        finished = report.build_report(
            edition, preparation, workshop, choice, _show(options), GUARD
        )
    if not options.json:
        # Where processes are shared, or elsewhere, this one does not know what they have cost.
        _tell_build(finished, edition, "" if shared or elsewhere else _work_done())
    return 0 if finished.succeeded else 1


def watch(options: argparse.Namespace) -> int:
    """Build an edition whenever something of it is saved, and show it in the browser, until interrupted."""
    from analysis import report
    from analysis.editions import preparation_of

    edition, choice, builds = report.read_edition(options.editions[0]), _choice(options), [0]
    folder = _folder(options, options.editions[0])

    def paths():
        return report.watched_paths(edition, preparation_of(edition, folder).files)

    with (
        report.open_session(folder, report.limits_of(choice)) as workshop,
        report.preview_server(folder / "public", lambda: builds[0], options.port) as address,
    ):
        for changed in report.saved_changes(paths):
            print("".join(f"saved: {path.name}\n" for path in changed), end="", flush=True)
            try:
                edition = report.read_edition(options.editions[0])
                report.check_chapters(edition)
                report.build_report(
                    edition,
                    preparation_of(edition, folder),
                    workshop,
                    choice,
                    _show(options),
                    GUARD,
                )
            except AnalysisError as error:
                print(error, file=sys.stderr)
            builds[0] += 1
            print(f"{address}  (Ctrl-C ends)", flush=True)
    return 0


def _folder(options: argparse.Namespace, path: Path) -> Path:
    path = path.resolve()
    return (options.output or path.parent.parent / "outputs" / path.stem).resolve()


def _choice(options: argparse.Namespace):
    from analysis.report import Choice

    chapters, languages = tuple(options.chapter), tuple(options.language)
    return Choice(chapters, languages, options.jobs, options.timeout, options.memory, options.again)


def _show(options: argparse.Namespace):
    from analysis.report import show_failures, show_progress, tell_events

    return tell_events if options.json else show_failures if options.quiet else show_progress


def _tell_build(finished, edition, cost: str) -> None:
    _warn_of_years(edition.diagnosis_years, finished.parameters)
    for chapter in finished.absent:
        print(
            f"- {chapter.name}: not in this edition, its sources lack {', '.join(chapter.missing)}"
        )
    if finished.left_out:
        names = ", ".join(finished.left_out)
        print(f"- left out, their earlier runs rest on other data, code or parameters: {names}")
    failed = [result for result in finished.results if result.status == "failed"]
    if failed:
        print(
            f"{len(failed)} of {len(finished.results)} chapters failed; the public report is as it was"
        )
        return
    told = {"done": "run", "bound": "bound anew", "cached": "as they were"}
    counts = {
        word: sum(one.status == status for one in finished.results) for status, word in told.items()
    }
    listed = ", ".join(f"{word} {number}" for word, number in counts.items() if number)
    print(f"chapters: {listed}; in {finished.seconds:.1f} s{cost}")
    print(finished.public / "index.html")


def compare(options: argparse.Namespace) -> int:
    """Hold two built editions against one another; print the page to open."""
    from analysis.display import say_limits, say_p, say_value, value_label
    from analysis.estimates import revised_count_test
    from analysis.report import NumberWords, compare_editions

    tools = revised_count_test, NumberWords(say_value, say_limits, value_label, say_p)
    asked = options.threshold / 100, tuple(options.language)
    written = compare_editions(options.earlier, options.later, tools, options.output, *asked)
    if not written.changed:
        print("nothing changed")
    print(written.page)
    return 0


def verify(options: argparse.Namespace) -> int:
    """Build an edition anew and say whether its public report is the same, or where each file differs first."""
    from analysis.editions import preparation_of
    from analysis.report import Choice, read_edition, show_failures, show_progress, verify_report

    folder = options.folder.resolve()
    edition = read_edition(
        options.edition or folder.parent.parent / "params" / f"{folder.name}.yml"
    )
    choice = Choice(jobs=options.jobs, seconds=options.timeout, memory=options.memory)
    show = show_failures if options.quiet else show_progress
    found = verify_report(edition, partial(preparation_of, edition), folder, choice, show, GUARD)
    if not found.differences:
        print(f"identical: {found.files} files, byte for byte")
        return 0
    print("\n".join(found.differences))
    print(
        f"{len(found.differences)} of {found.files} files differ"
        + "".join(f"\n- {one}" for one in found.causes)
    )
    return 1


def pdf(options: argparse.Namespace) -> int:
    """Print the built report of an edition; say where the PDFs are."""
    from analysis.report import print_report

    for path in print_report(options.folder, tuple(options.language)):
        print(path)
    return 0


def check(options: argparse.Namespace) -> int:
    """Validate one table of a registry and say what it holds."""
    from analysis.register import (
        describe_effects,
        is_large,
        mapping_effects,
        read_table,
        survey_of,
        survey_table,
    )

    for line in describe_effects(mapping_effects(options.source, options.table, options.mapping)):
        print(line)
    if is_large(options.source):
        _tell(options.table, survey_table(options.source, options.table, options.mapping))
        print(
            "the registry checks compare every tumour with every other: not made of an extract of this size"
        )
        return 0
    frame = read_table(options.source, options.table, options.mapping)
    _tell(options.table, survey_of(frame))
    if options.table == "cases":
        _ask_of_cases(frame, options.report)
    return 0


def _tell(table: str, survey) -> None:
    print(f"{table}: {survey.rows} rows, valid")
    for column in LISTED:
        if column in survey.levels:
            print(f"{column}: {_listed(column, survey)}")
    print("filled columns:")
    for column, filled in survey.filled.items():
        print(f"  {column:<24} {filled / survey.rows:6.1%}" if survey.rows else f"  {column}")


def _ask_of_cases(cases, folder: Path | None) -> None:
    from analysis.register import (
        describe_findings,
        error_sentences,
        registry_checks,
        write_check_report,
    )

    findings = registry_checks(cases)
    print("\n".join(describe_findings(findings)))
    for path in write_check_report(findings, folder) if folder else ():
        print(path)
    if errors := error_sentences(findings):
        raise InputError("registry checks", errors)


def propose(options: argparse.Namespace) -> int:
    """Propose a mapping for an extract, to be read and amended; write it, or print it."""
    from analysis.register import propose_mapping

    if options.output and options.output.exists():
        raise InputError(
            f"mapping {options.output.name}", ["is there already, and is not written over"]
        )
    text = propose_mapping(options.source, options.table)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    print(options.output or text)
    return 0


def messages(options: argparse.Namespace) -> int:
    """Bring the catalogues of translations up to date; say what is left to do in each."""
    from analysis.report import update_catalogues
    from analysis.terms import LANGUAGES

    notebooks = sorted(options.notebooks.glob("*.ipynb"))
    for language in options.language or LANGUAGES[1:]:
        for path, left in update_catalogues(language, notebooks).items():
            print(
                f"{os.path.relpath(path)}: {f'{left} to translate or to look at' if left else 'whole'}"
            )
    return 0


def dictionary(_options: argparse.Namespace) -> int:
    """Print the data dictionary."""
    from analysis.register import data_dictionary

    print(data_dictionary())
    return 0


def _work_done() -> str:
    """What the processes of this build have cost."""
    try:
        import resource
    except ImportError:  # not a POSIX system
        return ""
    here, below = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    seconds = here.ru_utime + here.ru_stime + below.ru_utime + below.ru_stime
    return f", {seconds:.0f} s of processor time, at most {below.ru_maxrss / 2**20:.1f} GiB in one process"


def _warn_of_years(asked, parameters) -> None:
    covered = parameters.get("first_year", 0), parameters.get("last_year", 9999)
    if asked and (asked.first < covered[0] or asked.last > covered[1]):
        print(
            f"! the cases are of {covered[0]}–{covered[1]}, the edition of {asked.first}–{asked.last}: "
            "years without a case count as years at risk"
        )


def _listed(column: str, survey) -> str:
    found = sorted(survey.levels[column], key=_place)
    dated = survey.filled.get("diagnosis_date", 0) if column == "year" else 0
    absent = survey.rows - max(survey.filled.get(column, 0), dated)
    missing = f" (missing in {absent} rows)" if absent else ""
    if column == "year" and found:
        return f"{found[0]:.0f}–{found[-1]:.0f}{missing}"
    return (", ".join(map(str, found)) or "none") + missing


def _place(value) -> tuple:
    """Groups in the order of the classification, all else in its own."""
    return (ICCC3_GROUPS.index(value), "") if value in ICCC3_GROUPS else (0, value)

"""What is told of a published report in its two crates: what is the same in every build, and what is not."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires

from analysis.report.build import records
from analysis.report.build.provenance import chapter_digests, mapping_digests
from analysis.report.build.report_task import ReportTask
from analysis.report.build.ro_crate import (
    METADATA,
    build_action,
    crate_text,
    described_inputs,
    described_software,
    described_values,
)
from analysis.report.edition.sign_off_record import sign_offs_path
from analysis.report.files.digests import (
    digest_of,
    file_digest,
    installed_versions,
    package_key,
)
from analysis.report.files.package import PACKAGE, commit_of, package_version

# Of the edition: where its files lie; sources are told of as inputs, with no word of where they are.
_UNTOLD = {"path", "notebooks", "texts", "sources", "opt_outs"}


def needed_versions() -> dict[str, str]:
    """The version of Python and of every package that the report's own needs, and those need in turn."""
    installed = installed_versions()
    versions, waiting = {"python": installed["python"]}, [PACKAGE]
    while waiting:
        for requirement in _requirements(waiting.pop()):
            name = package_key(re.match(r"[\w.-]+", requirement)[0])
            # What only an extra asks for may be installed on one machine and not on another.
            needed = "extra ==" not in requirement and name in installed
            if needed and name not in versions:
                versions[name] = installed[name]
                waiting.append(name)
    return versions


def _requirements(package: str) -> list[str]:
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


def public_crate(
    task: ReportTask, files: Mapping[str, str | bytes], versions: Mapping[str, str]
) -> str:
    """The record that is published: it depends on the edition, its sources, the code and its versions alone."""
    edition = task.edition
    settings = edition.model_dump(mode="json", by_alias=True, exclude=_UNTOLD)
    inputs = described_inputs(task.inputs)
    sign_offs = sign_offs_path(edition.path)
    signed = {sign_offs.name: file_digest(sign_offs)} if sign_offs.is_file() else {}
    used = [
        *described_values("parameter", settings),
        *described_values("chapter", chapter_digests(edition)),
        *described_values("mapping", mapping_digests(edition)),
        *described_values("sign-offs", signed),
    ]
    code = digest_of(task.digests)
    software = described_software(PACKAGE, package_version(), code, versions)
    # The numbers of rows are properties of the inputs, and no inputs themselves.
    sources = [entity for entity in inputs if entity["@id"].startswith("#input")]
    action = build_action(f"build of the edition {edition.path.stem}", [*sources, *used], files)
    return crate_text(_about(task), files, [*inputs, *used, *software, action, *_rights(task)])


def private_crate(task: ReportTask, executed: Mapping[str, str | bytes]) -> str:
    """The record that stays: when each chapter ran and for how long, the commit, all packages that are installed."""
    software = described_software(PACKAGE, package_version(), digest_of(task.digests), {})
    commit, clean = commit_of()
    runs = {f"{run.name} ({run.language})": run for run in task.results}
    public = file_digest(task.folder / "public" / METADATA)
    used = [
        *described_values("source", {"commit": commit, "working tree clean": clean}),
        *described_values("installed", installed_versions()),
        *described_values("status", {name: run.status for name, run in runs.items()}),
        *described_values("seconds", {name: round(run.seconds, 3) for name, run in runs.items()}),
        *described_values("public", {METADATA: public}),
    ]
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    name = f"build of the edition {task.edition.path.stem}"
    action = build_action(name, used, executed, endTime=ended)
    return crate_text(_about(task), executed, [*software, *used, action, *_rights(task)])


def executed_files(task: ReportTask) -> dict[str, bytes]:
    """The executed notebooks by their path in the private folder."""
    private = task.folder / "private"
    paths = [records.executed_path(private, run) for run in task.runs]
    return {path.relative_to(private).as_posix(): path.read_bytes() for path in paths}


def _about(task: ReportTask) -> dict:
    edition = task.edition
    about = {
        "name": edition.title[edition.languages[0]],
        "description": "An annual report on childhood cancer, and what it was made from.",
        "datePublished": _date_of(task),
        "license": {"@id": "#rights"},
        "inLanguage": list(edition.languages),
    }
    if edition.citation.publisher:
        about["publisher"] = {"@id": "#publisher"}
    return about


def _date_of(task: ReportTask) -> str:
    """The edition's date, never the clock's: the closing date, or the end of its year or of its last diagnoses."""
    edition = task.edition
    if edition.closing_date:
        return edition.closing_date.isoformat()
    last = edition.diagnosis_years.last if edition.diagnosis_years else 0
    covered = max((run.parameters.get("last_year", 0) for run in task.runs), default=0)
    return f"{edition.citation.year or last or covered or 1970:04}-12-31"


def _rights(task: ReportTask) -> list[dict]:
    edition = task.edition
    name = "All rights are the publisher's: the edition states no licence."
    rights = [{"@id": "#rights", "@type": "CreativeWork", "name": name, "description": name}]
    publisher = next(iter(edition.citation.publisher.values()), "")
    if publisher:
        rights.append({"@id": "#publisher", "@type": "Organization", "name": publisher})
    return rights

"""What is told of a published report in its two crates: what is the same in every build, and what is not."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires

from analysis.report.build import records
from analysis.report.build.chapter_task import Publication
from analysis.report.build.provenance import chapter_digests, mapping_digests
from analysis.report.build.ro_crate import (
    METADATA,
    build_action,
    crate_text,
    described_inputs,
    described_software,
    described_values,
)
from analysis.report.edition.sign_off_record import sign_offs_path
from analysis.report.files.digests import digest_of, file_digest, installed_versions
from analysis.report.files.package import PACKAGE, commit_of, package_version

# Of the edition: where its files lie; sources are told of as inputs, with no word of where they are.
_UNTOLD = {"path", "notebooks", "texts", "sources", "opt_outs"}


def needed_versions() -> dict[str, str]:
    """The version of Python and of every package that the report's own needs, and those need in turn."""
    installed = installed_versions()
    found, waiting = {"python": installed["python"]}, [PACKAGE]
    while waiting:
        for line in _requirements(waiting.pop()):
            name = re.sub(r"[-_.]+", "_", re.match(r"[\w.-]+", line)[0]).lower()
            if "extra ==" not in line and name in installed and name not in found:
                found[name] = installed[name]
                waiting.append(name)
    return found


def _requirements(package: str) -> list[str]:
    try:
        return requires(package) or []
    except PackageNotFoundError:
        return []


def public_crate(
    asked: Publication, files: Mapping[str, str | bytes], versions: Mapping[str, str]
) -> str:
    """The record that is published: it depends on the edition, its sources, the code and its versions alone."""
    edition = asked.edition
    told = edition.model_dump(mode="json", by_alias=True, exclude=_UNTOLD)
    inputs = described_inputs(asked.inputs)
    used = [
        *described_values("parameter", told),
        *described_values("chapter", chapter_digests(edition)),
    ]
    used += described_values("mapping", mapping_digests(edition))
    signed = sign_offs_path(edition.path)
    used += described_values(
        "sign-offs", {signed.name: file_digest(signed)} if signed.is_file() else {}
    )
    code = digest_of(asked.digests)
    software = described_software(PACKAGE, package_version(), code, versions)
    objects = [*(one for one in inputs if one["@id"].startswith("#input")), *used]
    action = build_action(f"build of the edition {edition.path.stem}", objects, files)
    return crate_text(_about(asked), files, [*inputs, *used, *software, action, *_rights(asked)])


def private_crate(asked: Publication, executed: Mapping[str, str | bytes]) -> str:
    """The record that stays: when each chapter ran and for how long, the commit, all packages that are installed."""
    software = described_software(PACKAGE, package_version(), digest_of(asked.digests), {})
    commit, clean = commit_of()
    seconds = {f"{one.name} ({one.language})": round(one.seconds, 3) for one in asked.results}
    used = described_values("source", {"commit": commit, "working tree clean": clean})
    used += described_values("installed", installed_versions())
    used += described_values(
        "status", {f"{one.name} ({one.language})": one.status for one in asked.results}
    )
    used += described_values("seconds", seconds)
    used += described_values("public", {METADATA: file_digest(asked.folder / "public" / METADATA)})
    ended = datetime.now(UTC).isoformat(timespec="seconds")
    action = build_action(
        f"build of the edition {asked.edition.path.stem}", used, executed, endTime=ended
    )
    return crate_text(_about(asked), executed, [*software, *used, action, *_rights(asked)])


def executed_files(asked: Publication) -> dict[str, bytes]:
    """The executed notebooks by their path in the private folder."""
    private = asked.folder / "private"
    paths = [records.executed_path(private, run) for run in asked.runs]
    return {path.relative_to(private).as_posix(): path.read_bytes() for path in paths}


def _about(asked: Publication) -> dict:
    edition = asked.edition
    told = {"publisher": {"@id": "#publisher"}} if edition.citation.publisher else {}
    return {
        "name": edition.title[edition.languages[0]],
        "description": "An annual report on childhood cancer, and what it was made from.",
        "datePublished": _date_of(asked),
        "license": {"@id": "#rights"},
        "inLanguage": list(edition.languages),
        **told,
    }


def _date_of(asked: Publication) -> str:
    """The edition's date, never the clock's: the closing date, or the end of its year or of its last diagnoses."""
    edition = asked.edition
    if edition.closing_date:
        return edition.closing_date.isoformat()
    last = edition.diagnosis_years.last if edition.diagnosis_years else 0
    covered = max((run.parameters.get("last_year", 0) for run in asked.runs), default=0)
    return f"{edition.citation.year or last or covered or 1970:04}-12-31"


def _rights(asked: Publication) -> list[dict]:
    edition = asked.edition
    name = "All rights are the publisher's: the edition states no licence."
    found = [{"@id": "#rights", "@type": "CreativeWork", "name": name, "description": name}]
    publisher = next(iter(edition.citation.publisher.values()), "")
    if publisher:
        found.append({"@id": "#publisher", "@type": "Organization", "name": publisher})
    return found

"""The record of a run as an RO-Crate (Process Run Crate 0.5). The only file that knows rocrate.

There are two. The public one says what went in, what was asked, by which code in which versions, and what came out: it
is the same for every build of the same edition, and names no machine. What differs from build to build (when, how
long, at which commit) is in the private one.
"""

import hashlib
import json
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from rocrate.rocrate import ROCrate

METADATA = "ro-crate-metadata.json"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
_BUILD = "#build"
_DESCRIPTION = (
    "Notebooks run with the parameters of the edition on its sources, and bound into pages."
)
# Of the standard library alone: what a machine says of kinds of file may differ.
_KINDS = mimetypes.MimeTypes(())


def crate_text(
    about: Mapping[str, Any], files: Mapping[str, str | bytes], entities: Sequence[Mapping]
) -> str:
    """The metadata of a crate: its description, its files with their hashes, and what else is in its graph.

    Parameters
    ----------
    about
        Properties of the crate: ``name``, ``description``, ``datePublished``, ``license`` …
    files
        Content by the path in the crate.
    entities
        Of the graph, as JSON-LD; those of type ``CreateAction`` are mentioned by the crate.

    Notes
    -----
    Sorted by id: the text depends on nothing but what is given.
    """
    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(TERMS)
    for name, value in about.items():
        crate.root_dataset[name] = value
    crate.root_dataset["conformsTo"] = {"@id": PROFILE}
    actions = [entity["@id"] for entity in entities if entity["@type"] == "CreateAction"]
    crate.root_dataset["mentions"] = [{"@id": action} for action in sorted(actions)]
    profile = {
        "@id": PROFILE,
        "@type": "CreativeWork",
        "name": "Process Run Crate",
        "version": "0.5",
    }
    for entity in [profile, *entities]:
        crate.add_jsonld(dict(entity))
    for name in sorted(files):
        crate.add_file(dest_path=name, properties=_file_properties(name, files[name]))
    content = crate.metadata.generate()
    content["@graph"].sort(key=lambda entity: entity["@id"])
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _file_properties(name: str, content: str | bytes) -> dict[str, str]:
    raw = content.encode("utf-8") if isinstance(content, str) else content
    kind = _KINDS.guess_type(name)[0] or "application/octet-stream"
    return {
        "name": name.rpartition("/")[2],
        "encodingFormat": kind,
        "contentSize": str(len(raw)),
        "sha256": hashlib.sha256(raw).hexdigest(),
    }


def described_inputs(inputs: Iterable[Mapping]) -> list[dict]:
    """Entities of what went in: each source, and the number of its rows."""
    entities = []
    for number, source in enumerate(inputs, start=1):
        rows = _value(f"#rows-{number}", "rows", source.get("rows"))
        size = {"contentSize": str(source["bytes"])} if "bytes" in source else {}
        entity = {
            "@id": f"#input-{number}",
            "@type": "CreativeWork",
            "name": str(source["name"]),
            "sha256": str(source.get("sha256", "")),
            **size,
            "additionalProperty": {"@id": rows["@id"]},
        }
        entities += [entity, rows]
    return entities


def described_values(kind: str, values: Mapping[str, Any]) -> list[dict]:
    """Entities of named values: parameters of an edition, digests of its texts."""
    return [_value(f"#{kind}-{quote(name)}", name, value) for name, value in sorted(values.items())]


def _value(identifier: str, name: str, value: Any) -> dict:
    if not isinstance(value, str | int | float):
        value = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return {"@id": identifier, "@type": "PropertyValue", "name": name, "value": value}


def described_software(
    name: str, version: str, sha256: str, needs: Mapping[str, str]
) -> list[dict]:
    """Entities of the package that built a report, and of each package that it needs."""
    needed = [
        {
            "@id": f"#package-{package}",
            "@type": "SoftwareApplication",
            "name": package,
            "version": number,
        }
        for package, number in sorted(needs.items())
    ]
    software = {
        "@id": "#software",
        "@type": "SoftwareApplication",
        "name": name,
        "version": version,
        "sha256": sha256,
        "softwareRequirements": _references(needed),
    }
    return [software, *needed]


def build_action(name: str, used: Iterable[Mapping], made: Iterable[str], **more: Any) -> dict:
    """The entity of a run: which of the entities it used and which files it made."""
    return {
        "@id": _BUILD,
        "@type": "CreateAction",
        "name": name,
        "instrument": {"@id": "#software"},
        "description": _DESCRIPTION,
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "object": _references(used),
        "result": [{"@id": path} for path in sorted(made)],
        **more,
    }


def _references(entities: Iterable[Mapping]) -> list[dict]:
    return [{"@id": entity["@id"]} for entity in entities]

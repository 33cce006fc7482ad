"""What is recorded of a source that went into an edition: enough to know it again, and nothing of its rows."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from analysis.register.sources.extracts import DEMONSTRATION
from analysis.register.sources.survey import Survey


def input_record(table: str, source: Mapping, survey: Survey, folder: Path) -> dict:
    """Name, sha256, bytes and rows of what went in; of a database its name, the query's hash, and what it gave."""
    if source.get("file") == DEMONSTRATION:
        return {
            "name": f"{table} (demonstration)",
            **_digest(folder / f"{table}.parquet"),
            "rows": survey.rows,
        }
    if source.get("file"):
        path = Path(source["file"])
        return {"name": path.name, **_digest(path), "rows": survey.rows}
    # The last part of the address, without its options: neither the server nor the user.
    name = source["database"].split("?")[0].rpartition("/")[2]
    query = json.dumps([source.get("query"), source.get("table")]).encode()
    # A server has no file to be hashed: what it gave is known by the table that came of it.
    content = _digest(folder / f"{'cases' if table == 'counts' else table}.parquet")
    return {
        "name": f"database {name}",
        **content,
        "rows": survey.rows,
        "query_sha256": hashlib.sha256(query).hexdigest(),
    }


def _digest(path: Path) -> dict:
    with path.open("rb") as content:
        return {
            "sha256": hashlib.file_digest(content, "sha256").hexdigest(),
            "bytes": path.stat().st_size,
        }

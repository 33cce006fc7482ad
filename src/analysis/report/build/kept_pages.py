"""Pages as a build keeps them between binding and publishing: one JSON file each."""

import base64
import json
from dataclasses import asdict
from pathlib import Path

from analysis.report.files.writing import write_whole
from analysis.report.pages.bind import Page
from analysis.report.pages.exhibits import PlacedExhibit


def keep_page(page: Page, path: Path) -> None:
    """Write a page, whole or not at all; the bytes of pictures as base64."""
    fields = asdict(page)
    pictures = {name: content for name, content in page.files.items() if isinstance(content, bytes)}
    fields["files"] = {name: text for name, text in page.files.items() if name not in pictures}
    fields["pictures"] = {
        name: base64.b64encode(content).decode("ascii") for name, content in pictures.items()
    }
    write_whole(path, json.dumps(fields, ensure_ascii=False))


def read_page(path: Path) -> Page:
    """A page as it was kept."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    pictures = {name: base64.b64decode(text) for name, text in fields.pop("pictures").items()}
    return Page(
        **fields
        | {
            "headings": tuple(tuple(heading) for heading in fields["headings"]),
            "exhibits": tuple(PlacedExhibit(**exhibit) for exhibit in fields["exhibits"]),
            "cited": tuple(fields["cited"]),
            "files": fields["files"] | pictures,
        }
    )

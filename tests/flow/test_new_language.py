"""A language is its catalogues and nothing else: a Swedish that nobody speaks is added to a copy of the package."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "13_methods"


@pytest.fixture(scope="module")
def place(tmp_path_factory, write_edition):
    """A copy of the package and of one notebook, and an edition of it in Swedish."""
    folder = tmp_path_factory.mktemp("swedish")
    shutil.copytree(
        ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info")
    )
    (folder / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / f"{CHAPTER}.ipynb", folder / "notebooks")
    write_edition(
        folder, title={"sv": "Ett prov"}, languages=["sv"], chapters=[CHAPTER], notebooks=None
    )
    return folder


def run(place, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "analysis.commands.app", *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(place / "src")},
        capture_output=True,
        text=True,
    )


def translate(path):
    """Every letter of the English in capitals, but for its places, headings, links and formulas."""
    with path.open("rb") as lines:
        catalogue = read_po(lines)
    for entry in (one for one in catalogue if one.id):
        pieces = re.split(r"(\{\{.*?\}\}|\{\w*\}|\$[^$]+\$|\[@\w+\]|`[^`]+`)", entry.id)
        entry.string = "".join(
            piece if place % 2 else piece.upper() for place, piece in enumerate(pieces)
        )
    with path.open("wb") as lines:
        write_po(lines, catalogue)


def test_a_language_is_its_catalogues_and_nothing_else(place):
    told = run(place, "build", "params/test.yml").stderr
    assert "languages" in told and "'en'" in told
    made = run(place, "messages", "--language", "sv")
    catalogues = [
        *(place / "src" / "analysis" / "locale" / "sv").glob("*.po"),
        *place.glob("notebooks/locale/sv/*.po"),
    ]
    assert (
        made.returncode == 0
        and made.stdout.count("to translate or to look at") == len(catalogues) == 4
    )
    refused = run(place, "build", "params/test.yml")
    assert refused.returncode == 2 and "Traceback" not in refused.stderr
    assert f"sv/{CHAPTER}.po: “# Methods and definitions” must be translated" in refused.stderr
    assert "sv/terms.po: country “Country” must be translated" in refused.stderr
    assert not (place / "outputs" / "test" / "public").exists()
    for path in catalogues:
        translate(path)
    built = run(place, "build", "params/test.yml")
    assert built.returncode == 0, built.stderr
    page = (place / "outputs" / "test" / "public" / "sv" / f"{CHAPTER}.html").read_text(
        encoding="utf-8"
    )
    assert (
        '<html lang="sv"' in page
        and "METHODS AND DEFINITIONS</h1>" in page
        and "HOW THIS WAS COMPUTED" in page
    )
    assert ">Table " not in page and ">TABLE " in page

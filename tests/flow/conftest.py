"""Editions for the flow tests: where the data lie, and how an edition file is written beside them."""

import contextlib
import io
import shutil
from pathlib import Path

import pytest
import yaml

from analysis.commands.app import main

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared_file():
    """A file of the shared data; the test skips where it is absent."""

    def find(*parts):
        path = SHARED.joinpath(*parts)
        if not path.exists():
            pytest.skip(f"{'/'.join(parts)} of the shared data is not here")
        return path

    return find


@pytest.fixture(scope="session")
def write_edition():
    """Write an edition file into ``folder``/params; what is not given is as in the smallest edition."""

    def write(folder, **changes):
        edition = {
            "title": {"en": "A test", "nb": "En prøve"},
            "languages": ["en"],
            "country": "NO",
            "countries": ["NO"],
            "sources": {"cases": "demo", "population": "demo"},
            "age_limit": 18,
            "diagnosis_years": {"first": 2000, "last": 2023},
            "closing_date": "2023-12-31",
            "notebooks": str(ROOT / "notebooks"),
            "chapters": ["03_incidence"],
        } | changes
        path = Path(folder) / "params" / "test.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {key: value for key, value in edition.items() if value is not None}
        path.write_text(
            yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return path

    return write


@pytest.fixture(scope="session")
def workbench():
    """Run the command; what it returned, and what it printed."""

    def run(*arguments):
        said, complained = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = main([str(argument) for argument in arguments])
        return code, said.getvalue(), complained.getvalue()

    return run


@pytest.fixture(scope="session")
def wilms_mapping():
    """The National Wilms Tumor Study as R's survival package ships it: no dates, no sex, no death."""
    return {
        "columns": {
            "case_id": "seqno",
            "person_id": "seqno",
            "country": {"constant": "US"},
            "topography": {"constant": "C64.9"},
            "morphology": {"constant": "8960"},
            "behaviour": {"constant": "3"},
            "period": {"column": "study", "codes": {3: "1979–1986", 4: "1986–1994"}},
            "age_at_diagnosis": {"column": "age", "unit": "months"},
            "stage": "stage",
            "relapse": {"column": "rel", "codes": {0: "no", 1: "yes"}},
            "follow_up_days": "edrel",
        }
    }


@pytest.fixture(scope="session")
def ci5_mapping():
    """Cancer Incidence in Five Continents: counts by site; two of its sites are totals of the others."""
    same = ("country", "period", "sex", "age_group", "site", "cases", "person_years")
    totals = {
        "column": "site",
        "codes": ["All sites", "All sites but skin"],
        "reason": "totals of the other sites",
    }
    return {"columns": {name: name for name in same}, "leave_out": [totals]}


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium; the test skips where it is not installed."""
    if not shutil.which("chromium"):
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        flags = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-sync",
            "--no-first-run",
        ]
        window = play.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield window
        window.close()

"""Editions for the flow tests: where the data lie, and how an edition file is written beside them."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SHARED = ROOT.parent / "shared"


def shared_file(*parts):
    """A file of the shared data; the test skips where it is absent."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} of the shared data is not here")
    return path


def write_edition(folder, **changes):
    """Write an edition file into ``folder``/params; what is not given is as in the smallest edition."""
    edition = {
        "title": {"en": "A test", "nb": "En prøve"},
        "languages": ["en"],
        "country": "NO",
        "countries": ["NO"],
        "sources": {"cases": "demo", "population": "demo"},
        "age_limit": 18,
        "diagnosis_years": {"first": 2000, "last": 2023},
        "closing_date": "2023-12-31",
        "notebooks": str(NOTEBOOKS),
        "chapters": ["03_incidence"],
    } | changes
    path = folder / "params" / "test.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {key: value for key, value in edition.items() if value is not None}
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


WILMS = {
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

CI5 = {
    "columns": {
        "country": "country",
        "period": "period",
        "sex": "sex",
        "age_group": "age_group",
        "site": "site",
        "cases": "cases",
        "person_years": "person_years",
    },
    "leave_out": [{"column": "site", "codes": ["All sites", "All sites but skin"], "reason": "totals of the others"}],
}

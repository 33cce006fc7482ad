"""What the checks found, told in numbers: small ones never, not even by a breakdown."""

import json

import pandas as pd
import pytest

from analysis.register import prepare_sources, summarise_checks
from analysis.terms import has_label

BOY = {"sex": "male", "topography": "C56.9", "morphology": "9071", "behaviour": 3, "country": "NO"}


@pytest.fixture
def summary_of(tmp_path):
    def summarise(counts, **more):
        rows = [
            BOY | {"country": country, "year": year}
            for (country, year), n in counts.items()
            for _ in range(n)
        ]
        listed = [{"case_id": str(i), "person_id": f"p{i}", **row} for i, row in enumerate(rows)]
        pd.DataFrame(listed).to_csv(tmp_path / "cases.csv", index=False)
        intake = prepare_sources({"cases": {"file": tmp_path / "cases.csv"}}, tmp_path / "cohort")
        return summarise_checks(intake.parameters["cases_source"], 5, **more)

    return summarise


def found(summary, check="sex_topography"):
    return next(one for one in summary["found"] if one["check"] == check)


def test_numbers_and_breakdowns_of_a_check_that_has_words(summary_of):
    summary = summary_of({("NO", 2012): 6, ("SE", 2013): 5, ("SE", 1999): 7})
    one = found(summary)
    assert (summary["made"], summary["tumours"], one["tumours"], one["severity"]) == (
        "yes",
        18,
        "18",
        "error",
    )
    assert one["countries"] == [["NO", 6], ["SE", 12]]
    assert one["years"] == [["1990–1999", 7], ["2010–2019", 11]]
    assert has_label(f"check.{one['check']}") and has_label(f"check_action.{one['action']}")
    assert "sex_topography" not in {other["check"] for other in summary["asked"]}
    assert json.loads(json.dumps(summary)) == summary


def test_a_small_number_is_not_told_and_no_breakdown_that_holds_one(summary_of):
    one = found(summary_of({("NO", 2012): 4}))
    assert (one["tumours"], one["countries"], one["years"]) == ("<5", None, None)
    one = found(summary_of({("NO", 2012): 9, ("SE", 2013): 4}))
    assert (one["tumours"], one["countries"], one["years"]) == ("13", None, [["2010–2019", 13]])


def test_what_is_too_large_and_what_has_no_tumours(summary_of, tmp_path):
    counts = {
        "country": ["NO"],
        "year": [2012],
        "sex": ["male"],
        "age_group": ["0–4"],
        "iccc3_group": ["I"],
    }
    pd.DataFrame(counts | {"cases": [9], "person_years": [1000.0]}).to_csv(
        tmp_path / "counts.csv", index=False
    )
    intake = prepare_sources({"counts": {"file": tmp_path / "counts.csv"}}, tmp_path / "cohort")
    assert summarise_checks(intake.parameters["cases_source"], 5)["made"] == "counts"
    assert summary_of({("NO", 2012): 4}, most_rows=3) == {
        "made": "too_large",
        "tumours": 4,
        "asked": [],
        "found": [],
    }

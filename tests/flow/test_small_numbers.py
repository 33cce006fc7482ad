"""Groups of 0, 1 or 2, nobody dead, everybody censored: the chapters render and say so."""

import re

import pandas as pd
import pytest

from analysis.register import demonstration_cases

CHAPTERS = [
    "01_summary",
    "02_registry_and_data",
    "03_incidence",
    "04_incidence_over_time",
    "05_incidence_countries",
    "06_survival",
    "07_survival_over_time",
    "08_survival_countries",
    {"notebook": "09_diagnostic_group", "for_each": {"group": ["V", "VII"]}},
    "10_adolescents",
    "12_long_term_survivors",
]


def build(folder, cases, write_edition, workbench, **changes):
    cases.to_csv(folder / "cases.csv", index=False)
    settings = {
        "countries": ["IS", "NO", "LV"],
        "sources": {
            "cases": {"file": str(folder / "cases.csv")},
            "population": "demo",
            "life_table": "demo",
        },
        "languages": ["en", "nb"],
        "chapters": CHAPTERS,
    }
    code, said, complaint = workbench("build", write_edition(folder, **settings | changes))
    assert code == 0, said + complaint
    public = folder / "outputs" / "test" / "public"
    pages = {path.name: path.read_text(encoding="utf-8") for path in (public / "en").glob("*.html")}
    for page in (public / "nb").glob("*.html"):
        pages["nb/" + page.name] = page.read_text(encoding="utf-8")
    undefined = re.compile(r"\bnan\b|<NA>|\bNone\b|Warning")
    wrong = {
        name
        for name, page in pages.items()
        if undefined.search(re.sub(r"<pre.*?</pre>", "", page, flags=re.S))
    }
    assert wrong == set()
    return pages


@pytest.fixture(scope="module")
def cohort():
    return demonstration_cases()


def test_a_home_country_with_no_case_and_one_with_a_single_case(
    tmp_path, cohort, write_edition, workbench
):
    iceland = (
        cohort[cohort["country"] == "IS"]
        .query("topography == 'C64.9' and diagnosis_date > '2005-01-01'")
        .head(1)
    )
    latvia = cohort[cohort["country"] == "LV"].query("diagnosis_date > '2005-01-01'").head(60)
    pages = build(tmp_path, pd.concat([iceland, latvia]), write_edition, workbench)
    assert "0 tumours are counted" in pages["03_incidence.html"]
    assert "not estimated" in pages["03_incidence.html"]


def test_a_home_country_with_a_single_case(tmp_path, cohort, write_edition, workbench):
    one = cohort[(cohort["country"] == "IS") & (cohort["diagnosis_date"] > "2005-01-01")].head(1)
    latvia = cohort[cohort["country"] == "LV"].query("diagnosis_date > '2005-01-01'").head(60)
    pages = build(tmp_path, pd.concat([one, latvia]), write_edition, workbench, country="IS")
    assert "fewer than 5 tumours are counted" in pages["03_incidence.html"]


def test_nobody_dead_and_everybody_censored(tmp_path, cohort, write_edition, workbench):
    children = cohort[(cohort["country"] == "NO") & (cohort["diagnosis_date"] > "2010-01-01")].head(
        400
    )
    children = children.assign(
        vital_status="alive", cause_of_death=None, basis_of_diagnosis=7, autopsy_only="no"
    )
    pages = build(tmp_path, children, write_edition, workbench)
    assert "100" in pages["06_survival.html"]


def test_everybody_dead_on_the_day_of_diagnosis(tmp_path, cohort, write_edition, workbench):
    children = cohort[(cohort["country"] == "NO") & (cohort["diagnosis_date"] > "2010-01-01")].head(
        60
    )
    children = children.assign(
        vital_status="dead",
        last_contact_date=children["diagnosis_date"],
        relapse="no",
        relapse_date=pd.NaT,
    )
    children = children.assign(basis_of_diagnosis=7, autopsy_only="no")
    build(tmp_path, children, write_edition, workbench)

"""The demonstration edition, whole, as its readers meet it: every page of both languages, in a real browser."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.cases import (
    add_age,
    add_follow_up,
    age_below,
    classify_iccc3,
    counted_primary,
    counted_tumour,
    first_primary,
    followed_up,
    mark_multiple_primaries,
    not_autopsy_only,
    not_death_certificate_only,
    select_eligible,
    select_window,
)
from analysis.counts import event_table
from analysis.estimates import kaplan_meier, survival_at
from analysis.register import demonstration_cases
from analysis.report import words_in
from analysis.terms import TERMS, label, read_words

ROOT = Path(__file__).resolve().parents[2]
ICCC3 = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
CHAPTERS = [
    "01_summary", "02_registry_and_data", "03_incidence", "04_incidence_over_time", "05_incidence_countries",
    "06_survival", "07_survival_over_time", "08_survival_countries",
    *(f"09_diagnostic_group-{group}" for group in ICCC3),
    "10_adolescents", "11_regions_and_hospitals", "13_methods", "12_long_term_survivors",
]  # fmt: skip
TEXTS = (
    *(
        "foreword",
        "organisation",
        "data_capture",
        "quality_improvement",
        "dissemination",
        "further_development",
    ),
)
LISTS = ("figures", "glossary", "references")
COUNTS = (
    "cases",
    "children",
    "events",
    "at_risk",
    "censored",
    "eligible",
    "met",
    "left_out",
    "deaths",
)


@pytest.fixture(scope="module")
def public(tmp_path_factory, workbench):
    folder = tmp_path_factory.mktemp("demonstration")
    code, said, complaint = workbench("build", ROOT / "params" / "demo.yml", "--output", folder)
    assert code == 0, said + complaint
    assert "Warning" not in complaint
    return folder / "public"


@pytest.fixture(scope="module")
def pages(public):
    return {path: path.read_text(encoding="utf-8") for path in sorted(public.rglob("*.html"))}


def test_every_chapter_in_both_languages(public):
    for language in ("en", "nb"):
        assert {path.stem for path in (public / language).glob("*.html")} == {
            *CHAPTERS,
            *TEXTS,
            *LISTS,
            "index",
        }
        assert (public / f"demo-{language}.html").is_file()


def test_every_page_says_that_the_children_are_invented(pages):
    silent = [
        path.name
        for path, page in pages.items()
        if "invented" not in page and "oppdiktet" not in page
    ]
    assert silent == []


def test_nothing_undefined_or_half_done_reaches_a_page(pages):
    words = re.compile(
        r"\bnan\b|\bNaN\b|<NA>|\bNone\b|Traceback|Warning:|\{\{|\}\}|No description has been provided"
    )
    found = {}
    for path, page in pages.items():
        prose = re.sub(r"<pre.*?</pre>", "", page, flags=re.S)
        if words.search(prose):
            found[path.name] = words.findall(prose)
    assert found == {}


def test_pages_load_nothing_from_elsewhere_and_name_no_place_of_this_machine(pages):
    for path, page in pages.items():
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//(?!doi\.org/)""", page), path.name
        assert str(ROOT) not in page
        assert "/tmp" not in page
        assert "demo-P" not in page
        assert "demo-T" not in page


def test_each_exhibit_has_number_title_caption_data_and_alternative(pages, public):
    for path, page in pages.items():
        for exhibit in re.findall(r"<figure\b.*?</figure>", page, flags=re.S):
            assert re.search(r"(Figure|Table|Figur|Tabell)\s*\d+\.([IVX]+\.)?\d+", exhibit), (
                path.name
            )
            endings = ("csv", "svg", "png") if "<svg" in exhibit else ("csv",)
            links = re.findall(r'href="(data/[^"]+)"', exhibit)
            held = re.findall(r'href="data:text/csv;charset=utf-8,[^"]{5,}"', exhibit)
            if path.parent == public:
                assert len(held) == 1, path.name
                continue
            assert tuple(link.rpartition(".")[2] for link in links) == endings, path.name
            assert all((path.parent / link).stat().st_size > 0 for link in links)
            if "<svg" in exhibit:
                assert re.search(r"<desc[^>]*>[^<]{20,}</desc>", exhibit), path.name
                assert re.search(r"<title[^>]*>[^<]{5,}</title>", exhibit), path.name


def test_figures_are_numbered_in_reading_order(pages, public):
    for path, page in pages.items():
        if path.parent == public:
            continue
        for kind in ("Figure|Figur", "Table|Tabell"):
            numbers = [
                int(n)
                for n in re.findall(
                    rf"<figcaption.*?(?:{kind})\s*\d+\.(?:[IVX]+\.)?(\d+)", page, flags=re.S
                )
            ]
            assert numbers == list(range(1, len(numbers) + 1)), path.name


def test_no_small_count_is_public(public):
    small = {}
    for path in public.rglob("*.csv"):
        table = pd.read_csv(path)
        for column in table.columns.intersection(COUNTS):
            counts = pd.to_numeric(table[column], errors="coerce")
            if counts.between(1, 4).any():
                small[path.name] = column
    assert small == {}


def test_every_rate_stands_on_its_denominator(public):
    bare = {}
    for path in public.rglob("*.csv"):
        columns = set(pd.read_csv(path, nrows=1).columns)
        if "rate" in columns and not {"cases", "person_years"} <= columns:
            bare[path.name] = columns
    assert bare == {}


def test_nothing_personal_is_public(public):
    files = [
        path
        for path in public.rglob("*")
        if path.is_file() and path.name != "ro-crate-metadata.json"
    ]
    assert {path.suffix for path in files} <= {".html", ".css", ".csv", ".js", ".svg", ".png"}
    for path in public.rglob("*.csv"):
        assert not {"case_id", "person_id", "birth_date", "diagnosis_date"} & set(
            pd.read_csv(path, nrows=1).columns
        )


def english_of_the_house():
    """Words and sentences for readers that are said otherwise in Norwegian."""
    said = {text: words_in("nb")[key] for key, text in words_in("en").items()}
    said |= {text: label(key, "nb") for key, text in read_words(TERMS).items()}
    norwegian = "\n".join(said.values())
    return {
        text
        for text in said
        if len(text) > 4 and re.search("[a-z]{3}", text) and text not in norwegian
    }


def test_the_norwegian_pages_speak_norwegian(public):
    english = english_of_the_house()
    assert {"Cases", "Number at risk", "How this was computed", "Contents", "girls"} <= english
    # A column's or a code's own name is no word for a reader either; that of the workbench is its name.
    words = "|".join(re.escape(text) for text in sorted(english, key=len, reverse=True))
    foreign = re.compile(rf"(?<![\w-])(?:{words}|[a-z]+_[a-z_]+)(?![\w-])")
    found = {}
    for path in (public / "nb").glob("*.html"):
        page = path.read_text(encoding="utf-8").replace("The childhood cancer workbench", "")
        page = re.sub(
            r"<(pre|code|script|style)\b.*?</\1>|<(\w+)\b[^>]* lang=\"en\".*?</\2>",
            "",
            page,
            flags=re.S,
        )
        attributes = re.findall(r'\b(?:title|alt|aria-label)="([^"]*)"', page)
        text = " ".join([re.sub(r"<[^>]+>", " ", page), *attributes])
        if foreign.search(text):
            found[path.name] = foreign.findall(text)
    assert found == {}


def test_no_page_is_heavy(pages, public):
    heavy = {path.name: path.stat().st_size for path in pages if path.parent != public}
    assert {name: size for name, size in heavy.items() if size > 400_000} == {}
    assert (public / "style.css").stat().st_size < 40_000


def test_the_key_figure_is_that_of_the_cohort(public):
    cases = demonstration_cases()
    age = (cases["diagnosis_date"] - cases["birth_date"]).dt.days / 365.2425
    latest = cases[
        (cases["country"] == "NO") & (cases["diagnosis_date"].dt.year == 2023) & (age < 18.01)
    ]
    page = (public / "en" / "01_summary.html").read_text(encoding="utf-8")
    found = re.search(r"In 2023 there were (\d+) cases", page)
    assert abs(int(found[1]) - len(latest)) <= 1


VIEWS = {"desktop": (1280, 900, "light"), "phone": (360, 740, "light"), "dark": (1280, 900, "dark")}
# Pages of one notebook share their parts: each kind of page is seen in every view, all of them on a desktop.
ONE_OF_EACH_KIND = {
    "index",
    "01_summary",
    "06_survival",
    "09_diagnostic_group-III",
    "12_long_term_survivors",
    "11_regions_and_hospitals",
    "13_methods",
}


@pytest.mark.parametrize("view", VIEWS)
def test_pages_are_accessible_and_fit_the_screen(public, browser, view):
    from axe_playwright_python.sync_playwright import Axe

    width, height, scheme = VIEWS[view]
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
    page = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}
    ).new_page()
    outside, faults = [], {}
    page.on(
        "request",
        lambda request: outside.append(request.url) if request.url.startswith("http") else None,
    )
    for path in sorted(public.rglob("*.html")):
        page.goto(path.as_uri())
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        violations = []
        # The whole report in one file holds the same chapters once more; its own rules are in test_pages_in_browser.
        own_page = path.parent != public and view == "desktop"
        if own_page or path.stem in ONE_OF_EACH_KIND:
            violations = [
                found["id"] for found in Axe().run(page, options=rules).response["violations"]
            ]
        if violations or wide > 0:
            faults[f"{path.parent.name}/{path.name}"] = violations, wide
    page.context.close()
    assert faults == {}
    assert outside == []


def test_a_reader_goes_from_index_to_chapter_to_the_other_language(public, browser):
    page = browser.new_page()
    page.goto((public / "index.html").as_uri())
    page.goto((public / "en" / "index.html").as_uri())
    page.get_by_role("link", name=re.compile("Incidence over time")).first.click()
    assert "04_incidence_over_time" in page.url
    page.get_by_role("link", name=re.compile("Norsk")).first.click()
    assert page.url.endswith("nb/04_incidence_over_time.html")
    assert page.locator("html").get_attribute("lang") in ("nb", "no")
    assert page.get_by_role("heading", level=1).count() == 1
    page.close()


def test_survival_of_the_newest_years_is_a_period_analysis(public):
    children = add_age(classify_iccc3(demonstration_cases().query("country == 'NO'"), "2017"))
    criteria = [
        age_below(15),
        counted_tumour(True),
        counted_primary(),
        not_death_certificate_only(),
    ]
    criteria += [not_autopsy_only(), first_primary(), followed_up("2023-12-31")]
    children = select_eligible(mark_multiple_primaries(children), criteria)[0]
    window = select_window(add_follow_up(children, "2023-12-31"), "period", 2019, 2023)[0]
    by_hand = survival_at(kaplan_meier(event_table(window)), [1, 5, 10])
    tables = [
        pd.read_csv(path) for path in (public / "en" / "data").glob("07_survival_over_time-*.csv")
    ]
    [found] = [
        table.query("approach == 'period'")
        for table in tables
        if {"approach", "years"} <= set(table)
    ]
    assert found["window"].unique().tolist() == ["2019–2023"]
    assert found["at_risk"].tolist() == by_hand["at_risk"].tolist()
    assert found["survival"].tolist() == pytest.approx(by_hand["survival"].tolist(), abs=5e-4)


def test_countries_are_compared_with_their_heterogeneity_and_the_test_of_the_model(public):
    for language, words in (
        ("en", ("Heterogeneity: Q =", "I² =")),
        ("nb", ("Heterogenitet: Q =", "I² =")),
    ):
        page = (public / language / "08_survival_countries.html").read_text(encoding="utf-8")
        assert all(word in page for word in words)
    tables = [
        pd.read_csv(path) for path in (public / "en" / "data").glob("08_survival_countries-*.csv")
    ]
    ratios = [table for table in tables if "hazard_ratio" in table.columns]
    assert {"follow_up_interval" in table.columns for table in ratios} == {True, False}
    assert any({"term", "p_value"} <= set(table.columns) for table in tables)

"""Two editions held against one another: what changed, by how much, why, and what must not be told."""

import csv
import json
import re

import pytest

from analysis.display import say_limits, say_p, say_value, value_label
from analysis.errors import InputError
from analysis.estimates import revised_count_test
from analysis.report.compare.compared_editions import compare_folders
from analysis.report.compare.comparison_folder import compare_editions
from analysis.report.compare.comparison_lines import NumberWords
from analysis.report.compare.large_changes import largest_changes

VOICE = NumberWords(say_value, say_limits, value_label, say_p)
BY_YEAR = "year,cases,person_years,rate,lower,upper,suppressed\n"
YEARS = BY_YEAR + (
    "2020,100,1000000,100,81.3,121.7,false\n2021,110,1000000,110,90.4,132.5,false\n2022,,1000000,,,,true\n"
)
PROSE = "<p>In 2021 there were {n} cases, a rate of {rate} per million.</p>"
SVG = '<svg viewBox="0 0 10 10"><title>Figure</title><desc>A line of {n}.</desc><path d="M0 {n}"/></svg>'


def exhibit(anchor, title, body, file):
    kind, _, number = anchor.partition("-")
    return (
        f'<figure class="exhibit {kind}" id="{anchor}"><figcaption><p class="exhibit-title" id="{anchor}-name">'
        f'<span class="exhibit-number">{kind.title()} {number.replace("-", ".")}</span> <span>{title}</span></p>'
        f'</figcaption><div class="scroll">{body}</div><a class="data" href="data/{file}" download>Data</a></figure>'
    )


@pytest.fixture
def publish(tmp_path):
    """Write a small built edition: ``pages`` holds prose and exhibits (anchor, title, CSV, drawing) by page name."""

    def write(name, pages, record=None, executed=None, languages=("en",), code="rate(cases)"):
        folder = tmp_path / name
        for language in languages:
            data = folder / "public" / language / "data"
            data.mkdir(parents=True)
            for page, (prose, exhibits) in pages.items():
                placed = []
                for anchor, title, table, drawing in exhibits:
                    (data / f"{page}-{anchor}.csv").write_text(table, encoding="utf-8")
                    placed.append(exhibit(anchor, title, drawing, f"{page}-{anchor}.csv"))
                (data.parent / f"{page}.html").write_text(
                    f'<html><body class="chapter"><main id="text"><h1>{page[:2].lstrip("0")} {page[3:].title()}</h1>'
                    f'<div class="prose">{prose}</div>{"".join(placed)}<details class="code"><summary>How</summary>'
                    f"<pre><code>{code}</code></pre></details></main></body></html>",
                    encoding="utf-8",
                )
        (folder / "private").mkdir()
        if record is not None:
            (folder / "private" / "run.json").write_text(json.dumps(record))
        for page, parameters in (executed or {}).items():
            path = folder / "private" / "executed" / "en" / f"{page}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            cells = [{"cell_type": "code", "source": code, "metadata": {}}]
            path.write_text(
                json.dumps({"cells": cells, "metadata": {"papermill": {"parameters": parameters}}})
            )
        return folder

    return write


def edition_pages(
    n="110", rate="110.0 (95 % CI 90.4–132.5)", table=YEARS, title="Rate a year", drawn=1
):
    shown = [("figure-3-1", title, table, SVG.format(n=drawn))]
    return {"03_incidence": (PROSE.format(n=n, rate=rate), shown)}


def record(last=2022, sha="a", package="p", **edition):
    return {
        "edition": {
            "diagnosis_years": {"first": 2020, "last": last},
            "closing_date": f"{last}-12-31",
            "minimum_cell": 5,
            "survival": {"years": [1, 5]},
            **edition,
        },
        "inputs": [{"name": "cases.csv", "sha256": sha}],
        "package": {"version": "1.0", "sha256": package},
    }


def compared(was, now):
    return compare_folders(was, now, (), revised_count_test)[0]


def written(was, now, **asked):
    finished = compare_editions(was, now, (revised_count_test, VOICE), **asked)
    with (finished.page.parent / "changes-en.csv").open(encoding="utf-8", newline="") as lines:
        return finished, finished.page.read_text(encoding="utf-8"), list(csv.DictReader(lines))


def test_nothing_changed_is_said_plainly(publish):
    was, now = (publish(name, edition_pages(), record()) for name in ("was", "now"))
    finished, page, lines = written(was, now)
    assert not finished.changed
    assert "Nothing changed: every number" in page
    assert lines == []
    assert finished.page == now.resolve() / "private" / "comparison" / "index.html"


def test_a_revised_count_has_its_size_its_reason_and_its_p_value(publish):
    changed = YEARS.replace("2021,110,1000000,110,90.4,132.5", "2021,180,1000000,180,154.7,208.3")
    was = publish("was", edition_pages(), record())
    now = publish(
        "now",
        edition_pages("180", "180.0 (95 % CI 154.7–208.3)", changed, drawn=2),
        record(sha="b"),
    )
    [chapter] = compared(was, now).chapters
    [exhibit] = chapter.exhibits
    cases, rate = exhibit.changes
    assert (cases.quantity, cases.stratum, cases.difference, cases.why) == (
        "cases",
        (("year", "2021"),),
        70,
        ("corrected",),
    )
    assert cases.p_value < 1e-4 < cases.adjusted * 10
    assert (rate.relative, rate.overlapping, rate.p_value) == (pytest.approx(70 / 110), False, None)
    assert [(one.was, one.now, one.overlapping) for one in chapter.numbers] == [
        ("110", "180", None),
        ("110.0 (95 % CI 90.4–132.5)", "180.0 (95 % CI 154.7–208.3)", False),
    ]
    assert [change.quantity for _, change in largest_changes(chapter, 0.1)].count("rate") == 1
    assert len(largest_changes(chapter, 9)) == 3


def test_a_new_year_adds_rows_and_is_no_revision_of_the_others(publish):
    longer = YEARS.replace(
        "2022,,1000000,,,,true",
        "2022,90,1000000,90,72.4,110.6,false\n2023,8,1000000,8,3.5,15.8,false",
    )
    was, now = (
        publish("was", edition_pages(), record()),
        publish("now", edition_pages(table=longer), record(2023)),
    )
    result = compared(was, now)
    [exhibit] = result.chapters[0].exhibits
    assert exhibit.added == (("2023",),)
    assert {change.state for change in exhibit.changes} == {"shown_now"}
    assert result.causes.years == ("2020–2022 → 2020–2023",)
    assert [(test.kind, test.holding, test.intervals) for test in result.backtests] == [
        ("same_years", 2, 2)
    ]


def test_a_total_over_other_years_is_a_new_year_and_has_no_p_value(publish):
    table = "sex,cases,person_years,suppressed\nmale,{},100,false\nfemale,80,100,false\n"
    was = publish("was", edition_pages(table=table.format(100)), record())
    now = publish("now", edition_pages(table=table.format(103)), record(2023, sha="b"))
    [change] = compared(was, now).chapters[0].exhibits[0].changes
    assert (change.why, change.p_value, change.small) == (("new_year",), None, True)
    _, page, lines = written(was, now)
    assert "Places where both editions show a count and the two differ by 1 to 4: 1." in page
    assert "Not for publication." in page
    assert [line["small_difference"] for line in lines] == ["true"]


@pytest.mark.parametrize("hidden", ["was", "now"])
def test_of_a_withheld_number_only_that_is_told(publish, hidden):
    shown = YEARS.replace("2022,,1000000,,,,true", "2022,7,1000000,7.31,2.9,14.8,false")
    tables = {"was": YEARS, "now": shown} if hidden == "was" else {"was": shown, "now": YEARS}
    was, now = (
        publish(name, edition_pages(table=table), record()) for name, table in tables.items()
    )
    _, page, lines = written(was, now)
    state = "shown_now" if hidden == "was" else "withheld_now"
    assert {line["state"] for line in lines} == {state}
    told = {
        key: value for line in lines for key, value in line.items() if "was" in key or "now" in key
    }
    assert set(told.values()) == {""}
    assert {line["p_value"] + line["difference"] + line["relative"] for line in lines} == {""}
    assert "7.31" not in page
    assert (
        "withheld before, shown now" if hidden == "was" else "shown before, withheld now"
    ) in page


def test_the_reasons_are_named_and_what_is_not_known_is_said(publish):
    other = YEARS.replace("110,90.4,132.5", "111,91.4,133.5")
    was = publish(
        "was", edition_pages(), record(), {"03_incidence": {"rate_per": 1, "language": "en"}}
    )
    now = publish(
        "now",
        edition_pages(table=other),
        record(),
        {"03_incidence": {"rate_per": 2}},
        code="rate(new)",
    )
    chapter = compared(was, now).chapters[0]
    assert chapter.causes.parameters == ("rate_per: 1 → 2",)
    assert chapter.exhibits[0].changes[0].why == ("parameters", "method")
    bare = publish("bare", edition_pages(table=other))
    result = compared(was, bare)
    assert result.causes.unknown == ("years", "closing", "inputs", "package", "parameters")
    assert result.chapters[0].exhibits[0].changes[0].why == ("not_known",)
    assert "<dd>not known</dd>" in written(was, bare)[1]
    package = publish("package", edition_pages(table=other), record(package="q"))
    assert compared(was, package).chapters[0].exhibits[0].changes[0].why == ("package",)
    inner = publish("inner", edition_pages(table=other), record(survival={"years": [1, 10]}))
    assert compared(was, inner).causes.parameters == ("survival.years: 1, 5 → 1, 10",)


def test_rows_are_matched_by_their_strata_and_never_by_position(publish):
    table = "country,sex,cases,suppressed\nNO,male,10,false\nNO,female,20,false\nSE,male,30,false\n"
    turned = "country,sex,cases,suppressed\nSE,male,30,false\nNO,female,20,false\nDK,male,9,false\n"
    was, now = (
        publish("was", edition_pages(table=table)),
        publish("now", edition_pages(table=turned)),
    )
    [exhibit] = compared(was, now).chapters[0].exhibits
    assert (exhibit.strata, exhibit.changes) == (("country", "sex"), ())
    assert (exhibit.added, exhibit.removed) == ((("DK", "male"),), (("NO", "male"),))


def test_exhibits_are_known_again_where_they_were_renumbered_or_moved(publish):
    first, second = (
        ("figure-3-1", "Rates 2010–2020", YEARS, SVG.format(n=1)),
        ("figure-3-2", "Ages", "a,b\n1,2\n", ""),
    )
    third = ("figure-3-3", "To be dropped", "c,d\n1,2\n", "")
    was = publish("was", {"03_incidence": ("", [first, second, third]), "05_old": ("", [])})
    moved = {
        "04_incidence": ("", [("figure-4-1", "Ages", "a,b\n1,3\n", "")]),
        "06_new": (
            "",
            [
                ("figure-6-1", "Rates 2010–2021", YEARS, SVG.format(n=1)),
                ("table-6-1", "New", "e\n1\n", ""),
            ],
        ),
    }
    now = publish("now", moved)
    result = compared(was, now)
    names = {chapter.name: chapter for chapter in result.chapters}
    assert list(names) == ["04_incidence", "06_new", "05_old"]
    assert names["04_incidence"].was.name == "03_incidence"
    assert [(one.was.label, one.now.label) for one in names["04_incidence"].exhibits] == [
        ("Figure 3.2", "Figure 4.1")
    ]
    assert [(one.was.label, one.now.label) for one in names["06_new"].exhibits] == [
        ("Figure 3.1", "Figure 6.1")
    ]
    assert [one.title for one in names["04_incidence"].removed] == ["To be dropped"]
    assert [one.title for one in names["06_new"].added] == ["New"]
    page = written(was, now)[1]
    assert "It was Figure 3.1 in “3 Incidence”." in page
    assert "This chapter is new." in page and "This chapter is no longer there." in page


def test_changed_figures_stand_side_by_side_as_files_of_their_own(publish):
    other = YEARS.replace("2021,110", "2021,111")
    was, now = publish("was", edition_pages()), publish("now", edition_pages(table=other, drawn=7))
    finished, page, _ = written(was, now)
    files = re.findall(r'<img src="([^"]+)" alt="([^"]+)"', page)
    assert [words for _, words in files] == ["A line of 1.", "A line of 7."]
    for (file, _), number in zip(files, "17", strict=True):
        drawing = (finished.page.parent / file).read_text()
        assert f"M0 {number}" in drawing
        assert drawing.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    redrawn = publish("redrawn", edition_pages(drawn=3))
    assert "it is drawn or worded in another way" in written(was, redrawn)[1]


def test_reworded_text_is_shown_and_markup_in_it_is_text(publish):
    was = publish("was", {"01_a": ("<p>The trend is falling in both sexes and all ages.</p>", [])})
    now = publish(
        "now",
        {
            "01_a": (
                "<p>The trend is rising in both sexes &lt;script&gt; and all ages.</p><p>More.</p>",
                [],
            )
        },
    )
    page = written(was, now)[1]
    assert "Paragraphs reworded: 1; new: 1; gone: 0." in page
    assert "<ins>The trend is rising in both sexes &lt;script&gt; and all ages.</ins>" in page
    assert "<script" not in page


def test_both_languages_and_a_language_alone(publish):
    was = publish("was", edition_pages(), languages=("en", "nb"))
    now = publish("now", edition_pages(n="1204"), languages=("nb", "en"))
    folder = written(was, now)[0].page.parent
    assert 'href="nb.html" lang="nb"' in (folder / "index.html").read_text()
    assert "Hva som er endret" in (folder / "nb.html").read_text()
    assert not re.search(
        r"https?:", (folder / "nb.html").read_text().replace("http://www.w3.org", "")
    )
    again = compare_editions(was, now, (revised_count_test, VOICE), languages=["no"])
    assert "Hva som er endret" in again.page.read_text()
    assert not (folder / "nb.html").exists()


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ("absent", "now", "edition absent: 1 fault\n  - must be a folder that is there"),
        ("was", "nothing", "edition nothing: 1 fault\n  - must hold a built report"),
        ("was", "norsk", "must have a language in common: was is in en, norsk in nb"),
    ],
)
def test_what_is_no_edition_is_refused(publish, tmp_path, was, now, fault):
    publish("was", edition_pages()), publish("now", edition_pages())
    publish("norsk", edition_pages(), languages=("nb",))
    (tmp_path / "nothing" / "public" / "en").mkdir(parents=True)
    with pytest.raises(InputError, match=re.escape(fault)):
        compared(tmp_path / was, tmp_path / now)
    with pytest.raises(InputError, match="language fi: must be in both"):
        compare_folders(
            tmp_path / "was",
            tmp_path / "now" if now == "nothing" else tmp_path / "was",
            ["fi"],
            None,
        )


def test_it_is_never_written_into_a_public_folder_or_over_something_else(publish, tmp_path):
    was, now = publish("was", edition_pages()), publish("now", edition_pages("7"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    for folder, fault in (
        (now / "public" / "changes", "must not be written into a public folder"),
        (was / "public", "must not be written into a public folder"),
        (tmp_path / "mine", "mine holds something else"),
        (tmp_path / "mine" / "letter.txt", "is a file"),
    ):
        with pytest.raises(InputError, match=fault):
            written(was, now, folder=folder)
    assert written(was, now, folder=tmp_path / "new")[0].page.is_file()
    assert written(was, now, folder=tmp_path / "new")[0].changed
    (tmp_path / "copy").mkdir()
    (now / "public" / "en").rename(tmp_path / "copy" / "en")
    with pytest.raises(InputError, match="say where to write"):
        written(was, tmp_path / "copy")


def test_a_folder_of_another_version_is_read_as_far_as_it_goes(publish):
    was = publish(
        "was", edition_pages(), record={"edition": ["other"], "inputs": "none", "package": 3}
    )
    now = publish("now", edition_pages("7"), record())
    (was / "public" / "en" / "data" / "03_incidence-figure-3-1.csv").unlink()
    (was / "public" / "en" / "99_broken.html").write_bytes(
        b'<body class="chapter">\xff<main>no end'
    )
    result = compared(was, now)
    assert "years" in result.causes.unknown
    assert result.chapters[0].numbers[0].now == "7"
    assert result.chapters[-1].now is None


@pytest.mark.parametrize(
    ("limits", "overlapping"),
    [("80,100", True), ("120,160", True), ("60,90", False), ("133,150", False), (",", None)],
)
def test_intervals_overlap_or_do_not(publish, limits, overlapping):
    was = publish("was", edition_pages())
    now = publish("now", edition_pages(table=YEARS.replace("110,90.4,132.5", f"111,{limits}")))
    assert [one.overlapping for one in compared(was, now).chapters[0].exhibits[0].changes] == [
        overlapping
    ]


def page_text(page):
    """What a reader sees of a page: no head, code, markup, or numbers of tables and figures."""
    page = re.sub(r"<(head|style|code)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"(?:Table|Figure|Tabell|Figur) \d+\.\d+", "", re.sub(r"<[^>]+>", " ", page))


FUNNEL = (
    "hospital,met,eligible,share,overall,lower_95,upper_95,suppressed\n"
    "North,{met},187,{share},0.35707,{limit},0.429191,false\n"
)
SHARES = (
    "time_days,survival,lower,upper,person_years,cumulative_risk,suppressed\n"
    "3287.25,{survival},0.953466,0.970241,{time},0.0025{risk},false\n"
)


def told_numbers(publish, language):
    exhibits = [
        [
            (
                "figure-3-1",
                "Funnel",
                FUNNEL.format(met=met, share=share, limit=limit),
                SVG.format(n=met),
            ),
            ("table-3-2", "Survival", SHARES.format(survival=survival, risk=risk, time=time), ""),
        ]
        for met, share, limit, survival, risk, time in (
            (63, 0.262168, 0.150031, 0.962769, "2863", 9274880.25),
            (64, 0.291725, 0.178222, 0.962655, "2747", 9260564.75),
        )
    ]
    names = [f"{name}-{language}" for name in ("was", "now")]
    was, now = (
        publish(name, {"03_incidence": ("", shown)}, record(), languages=(language,))
        for name, shown in zip(names, exhibits, strict=True)
    )
    page = compare_editions(was, now, (revised_count_test, VOICE)).page.read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", page_text(page))


@pytest.mark.parametrize(
    ("language", "point", "points", "days"),
    [("nb", ",", "prosentpoeng", "3 287"), ("en", ".", "percentage points", "")],
)
def test_every_number_is_said_as_the_report_says_it(publish, language, point, points, days):
    text = told_numbers(publish, language)
    other = {",": r"\.", ".": ","}[point]
    assert not re.search(rf"\d{re.escape(point)}\d{{4,}}", text)
    assert not re.search(rf"\d{other}\d", text)
    for said in (
        f"26{point}2 % 29{point}2 % +3{point}0 {points}",
        f"15{point}0 % 17{point}8 % +2{point}8 {points} +18{point}8",
        f"96{point}3 % (95{point}3–97{point}0) 96{point}3 % (95{point}3–97{point}0) under 0{point}1 {points}",
        f"0{point}25 % 0{point}25 % under 0{point}01 {points}",
        "9 274 880 9 260 565 −14 316",
        days,
    ):
        assert said in text
    assert not re.search(rf"[+−]0{point}0+(?!\d)", text)


@pytest.mark.parametrize(
    ("language", "before", "after", "quantity"),
    [
        ("en", "Highest at age 2 in boys.", "Highest at age 17 in boys.", "label"),
        (
            "nb",
            "Høyest blant gutter i alderen 2: mest.",
            "Høyest blant gutter i alderen 17: mest.",
            "label",
        ),
        ("en", "Ages 0–14 are shown.", "Ages 0–17 are shown.", "label"),
        ("en", "After 5 years fewer.", "After 10 years fewer.", "label"),
        ("en", "As Table 3.2 shows.", "As Table 3.4 shows.", "label"),
        ("en", "The change came in 2005.", "The change came in 2012.", "label"),
        ("en", "In all 205 children.", "In all 303 children.", ""),
        ("nb", "En rate på 1,5 per million.", "En rate på 2,5 per million.", ""),
        ("en", "Tested with p = 0.59 here.", "Tested with p = 0.65 here.", "p_value"),
    ],
)
def test_among_the_largest_are_quantities_only(publish, language, before, after, quantity):
    was, now = (
        publish(name, {"01_a": (f"<p>{text}</p>", [])}, record(), languages=(language,))
        for name, text in (("was", before), ("now", after))
    )
    chapter = compared(was, now).chapters[0]
    assert [change.quantity for change in chapter.numbers] == [quantity]
    assert len(largest_changes(chapter, 0.1)) == (not quantity)


def test_what_an_inclusion_left_out_and_limits_of_a_funnel_are_no_findings(publish):
    table = "step,left_out,remaining,cases,lower_95\nchild,{0},{0},{0},{0}\n"
    was, now = (
        publish(name, edition_pages(table=table.format(n)), record())
        for name, n in (("was", 90), ("now", 9))
    )
    assert [one.quantity for _, one in largest_changes(compared(was, now).chapters[0], 0.1)] == [
        "cases"
    ]


def test_a_year_that_goes_with_the_edition_is_no_changed_number(publish):
    text = "<p>In {0}, and from {1}, there were {2} cases.</p>"
    was = publish("was", {"01_a": (text.format(2022, 2013, 203), [])}, record(2022))
    now = publish("now", {"01_a": (text.format(2023, 2014, 205), [])}, record(2023))
    _, _, lines = written(was, now)
    assert [(line["was"], line["now"]) for line in lines] == [("203", "205")]
    elsewhere = publish("elsewhere", {"01_a": (text.format(2022, 2009, 203), [])}, record(2023))
    assert [(line["was"], line["now"]) for line in written(was, elsewhere)[2]] == [("2013", "2009")]
    only = publish("only", {"01_a": (text.format(2023, 2014, 203), [])}, record(2023))
    finished, page, lines = written(was, only)
    assert finished.changed and lines == [] and "2020–2022 → 2020–2023" in page


@pytest.mark.parametrize(
    ("met", "told"), [(212, ["Table 3.2"]), (260, ["Figure 3.1", "Table 3.2"])]
)
def test_a_change_that_a_figure_and_a_table_share_is_told_once(publish, met, told):
    figure, table = (
        "hospital,met\nOslo,{}\n",
        "indicator,hospital,met\nprotocol,Oslo,{}\nprotocol,North,9\n",
    )
    was, now = (
        publish(
            name,
            {
                "03_incidence": (
                    "",
                    [
                        ("figure-3-1", "Drawn", figure.format(drawn), SVG.format(n=drawn)),
                        ("table-3-2", "Listed", table.format(listed), ""),
                    ],
                )
            },
            record(),
        )
        for name, drawn, listed in (("was", 162, 162), ("now", met, 212))
    )
    large = largest_changes(compared(was, now).chapters[0], 0.1)
    assert sorted(exhibit.now.label for exhibit, _ in large) == told


def test_on_a_narrow_screen_each_number_stands_with_its_name(publish):
    was, now = (
        publish("was", edition_pages(), record()),
        publish("now", edition_pages("180"), record()),
    )
    finished, page, _ = written(was, now)
    for label, number in (
        ("Before", "110"),
        ("Now", "180"),
        ("Change", "+70"),
        ("Change in %", "+63.6"),
    ):
        assert f'<td class="number" data-label="{label}">{number}</td>' in page
    assert '<th scope="col" class="number">Before</th>' in page and '<th scope="rowgroup"' in page
    narrow = (
        (finished.page.parent / "style.css")
        .read_text()
        .partition("@media screen and (max-width: 40rem)")[2]
    )
    assert ".changes td[data-label]::before { content: attr(data-label)" in narrow

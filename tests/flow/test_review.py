"""A review from end to end: marked in the browser, exported, collected, shown in the next draft, signed off, voided."""

import json
import re
import time

import nbformat
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from analysis.register import demonstration_cases, demonstration_population

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
HOSTILE = "<script>document.title='taken'</script> \N{GRINNING FACE} שלום"
EXHIBIT = """from analysis.display import Exhibit
body = "<table><thead><tr><th scope='col'>Group</th><th scope='col'>Cases</th></tr></thead><tbody>"
body += "<tr><th scope='row'>I</th><td>{cases}</td></tr><tr><th scope='row'>II</th><td>&lt;5</td></tr></tbody></table>"
csv = "group,cases,suppressed\\nI,{cases},false\\nII,,true\\n"
Exhibit("table", body, csv, "{cases} cases in group I.").quoting(cases="{cases}")"""
OPENING = "The register counts every tumour of a child, and {{ cases }} were found in these years."
FOLLOWED = "Children are followed until they die or the register closes, whichever comes first."
CLOSING = "Hospitals report late, so that the last year is counted again a year afterwards."


def prose(source, *marks):
    return new_markdown_cell(source, metadata={"tags": list(marks)})


def write_chapter(folder, cases="1 204", first=(), followed=FOLLOWED, closing=CLOSING):
    """A chapter of a draft: what comes first, how many cases there are, and what its paragraphs say."""
    told = "\n\n".join([OPENING, followed, *([closing] if closing else [])])
    said = {
        "# Incidence\n\nHow many children?": "# Forekomst\n\nHvor mange barn?",
        **{text: "Ny tekst." for text in first},
        f"## How many?\n\n{told}": "## Hvor mange?\n\nDet var {{ cases }}.",
        "Cases by group\nIn all years.": "Tilfeller etter gruppe\nAlle år.",
    }
    opening, *between, caption = said
    cells = [
        prose(opening),
        new_code_cell('language = "en"\nage_limit = 18', metadata={"tags": ["parameters"]}),
        new_code_cell("counted = [number for number in range(age_limit) if number % 2]"),
        *map(prose, between),
        new_code_cell(EXHIBIT.replace("{cases}", cases)),
        prose(caption, "caption"),
    ]
    path, catalogue = folder / "notebooks" / "03_incidence.ipynb", Catalog(locale="nb")
    for text, translation in said.items():
        catalogue.add(text, translation)
    (path.parent / "locale" / "nb").mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata={"workbench": {}}), path)
    with (path.parent / "locale" / "nb" / "03_incidence.po").open("wb") as file:
        write_po(file, catalogue)


@pytest.fixture(scope="module")
def place(tmp_path_factory, write_edition, workbench):
    folder = tmp_path_factory.mktemp("reviewed")
    write_chapter(folder)
    (folder / "chapters").mkdir()
    for language in ("en", "nb"):
        (folder / "chapters" / f"foreword.{language}.md").write_text(
            "# Foreword\n\nA few words before all others.\n"
        )
    (folder / "registry").mkdir()
    home = "country == 'NO'"
    demonstration_cases().query(home).head(300).to_csv(
        folder / "registry" / "cases.csv", index=False
    )
    demonstration_population().query(home).to_csv(
        folder / "registry" / "population.csv", index=False
    )
    write_edition(
        folder,
        languages=["en", "nb"],
        sources={name: f"../registry/{name}.csv" for name in ("cases", "population")},
        notebooks="../notebooks",
        texts="../chapters",
        chapters=["foreword.md", "03_incidence"],
    )
    build(workbench, folder)
    return folder


def build(workbench, folder):
    code, said, complained = workbench("build", folder / "params" / "test.yml", "--quiet")
    assert code == 0, said + complained
    return said


@pytest.fixture(scope="module")
def page(browser):
    """One reader's browser, in which what was kept is there when another page is opened."""
    context = browser.new_context(accept_downloads=True, viewport={"width": 1280, "height": 900})
    window = context.new_page()
    window.set_default_timeout(10_000)
    window.heard = []
    window.on("console", lambda message: window.heard.append(message.text))
    window.on("pageerror", lambda error: window.heard.append(str(error)))
    window.on("dialog", lambda dialog: dialog.accept())
    yield window
    context.close()


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    found = [fault["id"] for fault in Axe().run(page, options=RULES).response["violations"]]
    # What axe itself asks for is refused by the policy of the page, and says so.
    page.heard.clear()
    return found


def go(page, folder, name):
    page.goto((folder / "outputs" / "test" / "review" / name).as_uri())


def say(page, text, name=None):
    page.get_by_label("Your comment").fill(text)
    if name:
        page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Save").click()
    page.locator(".review-dialog").wait_for(state="hidden")


def exported(page, path):
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as a file").click()
    download.value.save_as(path)
    return json.loads(path.read_text(encoding="utf-8"))["items"]


@pytest.fixture(scope="module")
def exports(place, page, tmp_path_factory):
    """What two reviewers said of the first draft, each as the file that they exported."""
    folder = tmp_path_factory.mktemp("exports")
    go(page, place, "en/03_incidence.html")
    toggle = page.get_by_role("button", name="Comments")
    toggle.focus()
    page.keyboard.press("Enter")
    assert toggle.get_attribute("aria-expanded") == "true"
    assert page.evaluate("document.activeElement.id") == "review-title"

    # A part of a paragraph, by keyboard alone.
    paragraph = page.locator("main p", has_text="Children are followed")
    paragraph.get_by_role("button").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+Home")
    for _ in range(len("Children are followed")):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Tab")
    assert violations(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("#review-fault").inner_text() == "Write a comment and your name."
    page.keyboard.type("Until when?")
    page.keyboard.press("Tab")
    page.keyboard.type("Kari <b>Ås</b>")
    page.keyboard.press("Enter")
    page.locator(".review-dialog").wait_for(state="hidden")
    assert paragraph.get_by_role("button").evaluate("button => button === document.activeElement")

    # A table with a withheld number, a code cell, and words that were selected with the pointer.
    page.get_by_role("button", name="Comment on Table 3.1").click()
    assert not page.get_by_label("Your name").is_visible()
    say(page, HOSTILE)
    page.locator("details.code summary").first.click()
    page.get_by_role("button", name="Comment on this code").first.click()
    say(page, "Why only the odd ones?")
    page.locator("main p", has_text="The register counts").select_text()
    page.evaluate("() => { const all = getSelection(); all.extend(all.focusNode, 0); }")
    page.locator("main p", has_text="Hospitals report").dblclick(position={"x": 20, "y": 10})
    page.locator(".review-selection").click()
    say(page, "All of them?")
    page.locator("main p", has_text="The register counts").get_by_role("button").click()
    say(page, "Is that many?")
    go(page, place, "en/foreword.html")
    page.locator("main p", has_text="A few words").get_by_role("button").click()
    say(page, "Fewer.")
    kari = exported(page, folder / "kari.json")

    ola = json.loads((folder / "kari.json").read_text(encoding="utf-8"))
    ola["items"] = [
        ola["items"][1],
        {**ola["items"][0], "id": "urn:x:ola", "creator": {"name": "Ola"}},
    ]
    (folder / "ola.json").write_text(json.dumps(ola), encoding="utf-8")
    return folder, kari


def test_marks_are_exported_as_web_annotations(exports):
    _, items = exports
    found = {item["body"]["value"]: item["target"] for item in items}
    quotes = {said: target["selector"][1]["exact"] for said, target in found.items()}
    assert quotes["Until when?"] == "Children are followed"
    assert quotes[HOSTILE] == "Table 3.1 Cases by group"
    assert quotes["Why only the odd ones?"].startswith("counted = [number for number")
    assert quotes["All of them?"] == "Hospitals"
    assert quotes["Is that many?"] == OPENING.replace("{{ cases }}", "1 204")
    assert (
        found["Fewer."]["source"] == "en/foreword.html"
        and quotes["Fewer."] == "A few words before all others."
    )
    anchors = [target["selector"][0]["value"] for target in found.values()]
    assert [anchor.split("-")[0] for anchor in anchors] == ["p", "x", "code", "p", "p", "p"]
    assert found["Until when?"]["selector"][1]["prefix"].endswith("in these years.")
    assert all(re.fullmatch("[0-9a-f]{64}", item["workbench:draft"]) for item in items)
    assert {item["creator"]["name"] for item in items} == {"Kari <b>Ås</b>"}


def test_comments_stay_in_the_browser_and_are_text(place, page, exports):
    page.heard.clear()
    go(page, place, "en/03_incidence.html")
    assert (
        page.locator(".remark.local").count() == 5
        and page.get_by_role("button", name="Comments (6)").is_visible()
    )
    assert page.locator("main script, main b b").count() == 0 and "taken" not in page.title()
    assert HOSTILE in page.locator(".remark.local .remark-text").all_inner_texts()
    assert page.evaluate("CSS.highlights.get('commented').size") == 3
    assert page.heard == []


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(1280, 900, "light"), (1280, 900, "dark"), (320, 256, "light")]
)
def test_the_open_panel_breaks_no_rule_and_is_never_too_wide(
    place, page, exports, width, height, scheme
):
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    for name in ("en/03_incidence.html", "en/index.html"):
        go(page, place, name)
        assert page.locator("#review-panel").is_visible()
        assert violations(page) == []
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            <= 0
        )
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def test_print_has_numbered_notes_and_no_controls(place, page, exports):
    go(page, place, "en/03_incidence.html")
    page.emulate_media(media="print")
    assert page.locator(".remark:visible").count() == 5
    assert not page.locator("#review-panel, .comment-button, .review-toggle").first.is_visible()
    said = page.locator(".remark-number").first.evaluate(
        "one => getComputedStyle(one, '::before').content"
    )
    assert said == '"[" counter(remark) "]"'
    page.emulate_media(media="screen")


def test_a_comment_is_edited_and_deleted(place, page, exports, tmp_path):
    go(page, place, "en/03_incidence.html")
    entry = page.locator("#review-panel li", has_text="Is that many?")
    entry.get_by_role("button", name="Edit").click()
    assert page.get_by_label("Your comment").input_value() == "Is that many?"
    say(page, "Is that more than before?")
    assert page.locator(".remark.local", has_text="more than before").count() == 1
    page.locator("#review-panel li", has_text="Fewer.").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Comments (5)").wait_for()
    assert page.evaluate("document.activeElement.id") == "review-title"
    page.get_by_role("button", name="Ask for my name again").click()
    page.locator("main p", has_text="The register counts").get_by_role("button").click()
    assert page.get_by_label("Your name").input_value() == ""
    page.get_by_role("button", name="Cancel").click()
    items = exported(page, tmp_path / "again.json")
    [edited] = [item for item in items if "more than before" in item["body"]["value"]]
    assert edited["modified"] > edited["created"] and len(items) == 5


def test_a_browser_that_keeps_nothing_says_so(place, browser):
    context = browser.new_context()
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    )
    page = context.new_page()
    go(page, place, "en/foreword.html")
    page.get_by_role("button", name="Comments").click()
    add = page.locator("main p", has_text="A few words").get_by_role("button")
    for text, name in (("One", "Eva"), ("Two", None)):
        add.first.click()
        say(page, text, name)
    assert page.get_by_role("alert").filter(has_text="does not keep comments").is_visible()
    assert page.locator(".remark.local").count() == 2
    add.first.click()
    page.keyboard.press("Escape")
    assert add.first.evaluate("button => button === document.activeElement")
    context.close()


@pytest.fixture(scope="module")
def second_draft(place, workbench, exports):
    """Both reviewers' files collected, then a draft with other numbers, a new opening and one paragraph less."""
    files, _ = exports
    where = ("--edition", place / "outputs" / "test")
    code, said, complained = workbench(
        "review", "collect", files / "kari.json", files / "ola.json", *where
    )
    assert code == 0 and "comments: 7; new 7, edited 0" in said, said + complained
    sheet = place / "outputs" / "test" / "private" / "comments" / "comments.csv"
    sheet.write_text(
        sheet.read_text(encoding="utf-8").replace(",open,,Hospitals", ",declined,No.,Hospitals"),
        encoding="utf-8",
    )
    edited = FOLLOWED.replace("whichever comes", "or until they move, whichever comes")
    write_chapter(place, "980", ["New text stands before all else in this draft."], edited, "")
    build(workbench, place)
    return place


def test_the_next_draft_shows_comments_at_their_places(second_draft, page):
    page.heard.clear()
    go(page, second_draft, "en/03_incidence.html")
    cards = page.locator("main .remark:not(.local)")

    def above(text):
        card = cards.filter(has_text=text)
        before = "one => { while (one.matches('.remark')) one = one.previousElementSibling; return one.textContent; }"
        return card.first.evaluate(before), card.first.inner_text()

    place, said = above("Until when?")
    assert "or until they move" in place and "has moved, or the text around it has changed" in said
    assert cards.filter(has_text="Until when?").count() == 2
    place, said = above("Is that many?")
    assert (
        "980 were found" in place
        and "The numbers in the passage have changed" in said
        and "1 204 were found" in said
    )
    assert "Cases by group" in above("שלום")[0]
    assert "counted = [number" in above("Why only the odd ones?")[0]
    gone = page.locator("section.gone")
    assert "All of them?" in gone.inner_text() and "Hospitals" in gone.inner_text()
    assert "Declined" in gone.inner_text() and "No." in gone.inner_text()
    assert page.locator("main script").count() == 0 and "taken" not in page.title()
    # What this browser made and editors have collected stands once.
    assert page.locator("#review-panel .status", has_text="collected").count() >= 3
    assert page.locator("main .remark", has_text="Why only the odd ones?").count() == 1
    assert page.heard == [] and violations(page) == []


def test_comments_survive_builds_and_never_reach_readers(second_draft, workbench):
    out = second_draft / "outputs" / "test"
    assert (out / "private" / "comments" / "comments.json").is_file()
    for path in (out / "public").rglob("*.*"):
        content = path.read_bytes()
        assert (
            b"Until when?" not in content
            and b"review.js" not in content
            and b"taken" not in content
        ), path.name
    page = (out / "private" / "comments" / "nb.html").read_text(encoding="utf-8")
    assert (
        "Innsamlede kommentarer" in page
        and "<script" not in page
        and "../../review/en/03_incidence.html#c" in page
    )


def test_what_cannot_be_collected_is_said_at_once(second_draft, workbench, exports, tmp_path):
    files, _ = exports
    where = ("--edition", second_draft / "outputs" / "test")
    page = json.loads((files / "kari.json").read_text(encoding="utf-8"))
    page["items"][0]["body"]["value"] = "Ask ola@example.no"
    page["items"][1]["created"] = "then"
    (tmp_path / "bad.json").write_text(json.dumps(page), encoding="utf-8")
    (tmp_path / "none.json").write_text("no", encoding="utf-8")
    code, _, complained = workbench(
        "review", "collect", tmp_path / "bad.json", tmp_path / "none.json", *where
    )
    assert code == 2 and "comments: 3 faults" in complained and "Traceback" not in complained
    assert (
        "bad.json, comment 1: must not hold an identity number" in complained
        and "ola@" not in complained
    )
    assert (
        "bad.json, comment 2: created must be" in complained
        and "none.json: must be JSON" in complained
    )
    other = {**page, "workbench:edition": "other", "items": []}
    (tmp_path / "other.json").write_text(json.dumps(other), encoding="utf-8")
    assert workbench("review", "collect", tmp_path / "other.json", *where)[0] == 2


def test_a_signature_is_on_the_cover_until_its_chapter_changes(second_draft, workbench):
    out = second_draft / "outputs" / "test"
    public = out / "public"
    assert "approvals" not in (public / "index.html").read_text(encoding="utf-8")
    refused = workbench("review", "sign-off", out, "--chapter", "03_incidence", "--name", "Kari")
    assert refused[0] == 2 and "--language" in refused[2]
    for more in (
        ("--chapter", "3", "--name", "Kari Ås", "--role", "chair"),
        ("--chapter", "foreword", "--name", "<i>Ola</i>"),
    ):
        code, said, complained = workbench("review", "sign-off", out, "--language", "en", *more)
        assert code == 0 and "signed by" in said, complained
    assert workbench("review", "sign-off", out, "--all", "--name", "ola@example.no")[0] == 2
    assert "as they were 2" in build(workbench, second_draft)
    started = time.process_time()
    assert "as they were 2" in build(workbench, second_draft)
    assert time.process_time() - started < 1
    covers = [public / "index.html", public / "test-en.html", out / "review" / "en" / "index.html"]
    for cover in covers:
        text = cover.read_text(encoding="utf-8")
        assert "Kari Ås" in text and "&lt;i&gt;Ola" in text and text.count(": approved<") == 2
    assert "no longer valid" not in (public / "index.html").read_text(encoding="utf-8")
    write_chapter(second_draft, "981")
    assert "run 2" in build(workbench, second_draft)
    for cover in covers:
        text = cover.read_text(encoding="utf-8")
        assert text.count(": approved<") == 1
        assert re.search(
            r"has changed \(signed → now\).*?\([0-9a-f]{8} → [0-9a-f]{8}\)", text, re.DOTALL
        )
    code, said, _ = workbench("verify", out, "--quiet")
    assert code == 0, said


def test_a_build_refuses_what_editors_or_others_broke_before_it_runs_anything(
    second_draft, workbench
):
    edition = second_draft / "params" / "test.yml"
    record = edition.with_name("test.sign-offs.json")
    whole = record.read_text(encoding="utf-8")
    record.write_text("{")
    code, _, complained = workbench("build", edition, "--quiet")
    assert code == 2 and "sign-offs test.sign-offs.json: 1 fault" in complained
    record.write_text(whole)
    sheet = second_draft / "outputs" / "test" / "private" / "comments" / "comments.csv"
    kept = sheet.read_text(encoding="utf-8")
    sheet.write_text(kept.replace(",declined,", ",perhaps,"), encoding="utf-8")
    code, _, complained = workbench("build", edition, "--quiet")
    assert code == 2 and "status must be one of open, answered, resolved, declined" in complained
    sheet.write_text(kept, encoding="utf-8")
    build(workbench, second_draft)

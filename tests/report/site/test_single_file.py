"""A chapter among others in one file: nothing in it leads out of the file, or to another's place."""

from types import SimpleNamespace

from analysis.report.site.single_file import inlined_body


def body_of(markup, files=()):
    return inlined_body(SimpleNamespace(name="03_rates", body=markup, files=dict(files)))


def test_ids_and_links_within_a_chapter_are_its_own():
    assert body_of('<a id="x" href="#x">a</a>') == (
        '<a id="to-03_rates--x" href="#to-03_rates--x">a</a>'
    )


def test_links_to_other_pages_stay_in_the_file():
    assert body_of('<a href="glossary.html#rate">') == '<a href="#to-glossary--rate">'
    assert body_of('<a href="04_b.html">') == '<a href="#to-04_b">'


def test_a_term_leads_to_the_glossary_and_its_definition_is_left_there():
    markup = (
        '<button type="button" class="term" popovertarget="term-rate">rates</button>'
        '\n<div class="definition" id="term-rate" popover><p>…</p></div>'
    )
    assert body_of(markup) == '<a class="term" href="#to-glossary--rate">rates</a>'


def test_headings_stand_below_the_title_of_the_report():
    assert body_of("<h2>a</h2><h5>b</h5><h6>c</h6>") == "<h3>a</h3><h6>b</h6><h6>c</h6>"


def test_data_are_in_their_links_and_prints_are_left_out():
    link = '<li><a class="data" href="data/{}" download>x</a></li>'
    markup = link.format("a.csv") + link.format("a.png") + link.format("a.svg")
    assert body_of(markup, {"a.csv": "group,cases\nI, 12\n"}) == (
        '<li><a class="data" href="data:text/csv;charset=utf-8,group,cases%0AI,%2012%0A"'
        ' download="a.csv">x</a></li>'
    )

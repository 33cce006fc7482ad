"""A comment finds its place in a draft that has changed since, or says that its place is gone."""

import re

import pytest

from analysis.report.pages.anchors import content_id
from analysis.report.review.comments import Comment
from analysis.report.review.relocate import page_blocks, relocation_of

TEXTS = [
    "How many children get cancer, which cancers, and at what age? This chapter counts the tumours of one country.",
    "In 2023 there were 1 204 cases, and the standardised rate was 174.2 (95 % CI 168.6–179.9) per million.",
    "Survival is followed to the closing date; whoever is alive then is censored, as are those who moved abroad.",
    "Boys get cancer more often than girls in most groups, and the ratio is highest among lymphomas.",
    "Coverage of adolescents was incomplete before 2019, and their rates before that year are too low.",
    "Yes.",
]


def identified(text):
    return content_id("p", re.sub(r"\d[\d .–]*\d|\d", "", text))


def body(
    texts,
    before="",
    code="rates = rate_table(cases, population, by=['sex'], limit=18)",
    title="Cases by group",
):
    paragraphs = "".join(
        f'<p id="{identified(text)}">{text.replace("&", "&amp;")}</p>\n' for text in texts
    )
    name = f'<p class="exhibit-title" id="t"><span class="exhibit-number">Table 3.1</span> <span>{title}</span></p>'
    key = content_id("x", title)
    rows = "<tr><td>I</td><td>12</td></tr><tr><td>II</td><td>&lt;5</td></tr>"
    fold = f'<pre data-anchor="{content_id("code", code)}"><code>{code}</code></pre>'
    folded = f'<details class="computed">{fold}</details>'
    head = f'<figure class="exhibit table" id="table-3-1" data-anchor="{key}"><figcaption>{name}</figcaption>'
    items = '<ul><li id="p-a">One item<ul><li id="p-b">Within it</li></ul></li></ul>'
    return f'<div class="prose">{before}{paragraphs}</div>{items}{head}{rows}{folded}</figure>'


def comment_on(texts, number, exact=None, **changes):
    text = texts[number]
    exact = exact or text
    at = text.index(exact)
    prefix = f"{texts[number - 1] if number else ''} {text[:at]}"[-80:]
    suffix = f"{text[at + len(exact) :]} {texts[number + 1] if number + 1 < len(texts) else ''}"[
        :80
    ]
    given = {
        "anchor": identified(text),
        "exact": exact,
        "prefix": prefix,
        "suffix": suffix,
    } | changes
    moment = "2026-11-24T09:30:00.000Z"
    return Comment("urn:x:1", "Kari", "Why?", moment, moment, "03_incidence", "en", **given)


def placed(comment, markup):
    place = relocation_of(comment, page_blocks(markup))
    return place.how, place.block and place.block.text


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_in_the_same_draft_every_paragraph_is_where_it_was(number):
    assert placed(comment_on(TEXTS, number), body(TEXTS)) == ("same", TEXTS[number])


def test_next_years_numbers_are_the_same_passage():
    later = [*TEXTS]
    later[1] = (
        "In 2024 there were 980 cases, and the standardised rate was 171 (95 % CI 165.4–176.9) per million."
    )
    assert placed(comment_on(TEXTS, 1), body(later)) == ("numbers", later[1])
    part = comment_on(TEXTS, 1, "standardised rate was 174.2 (95 % CI 168.6–179.9)")
    assert placed(part, body(later)) == ("numbers", later[1])


def test_paragraphs_that_come_before_change_nothing():
    assert (
        placed(
            comment_on(TEXTS, 3),
            body(TEXTS, "<p id='p-new'>New.</p><p>Also new, without an id.</p>"),
        )[0]
        == "same"
    )


def test_a_passage_in_an_edited_paragraph_is_found_and_said_to_have_moved():
    later = [*TEXTS]
    later[2] = "Here, " + TEXTS[2].replace("Survival is", "all survival is")
    part = comment_on(TEXTS, 2, "whoever is alive then is censored")
    assert placed(part, body(later)) == ("moved", later[2])
    assert placed(part, body(later[::-1])) == ("moved", later[2])


def test_a_reworded_paragraph_is_found_and_said_to_be_reworded():
    later = [*TEXTS]
    later[3] = (
        "Boys got cancer somewhat more often than the girls in most of the groups; the ratio is highest in lymphomas."
    )
    assert placed(comment_on(TEXTS, 3), body(later)) == ("reworded", later[3])


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_what_was_deleted_has_no_place_and_never_a_wrong_one(number):
    later = [text for text in TEXTS if text != TEXTS[number]]
    assert placed(comment_on(TEXTS, number), body(later)) == ("gone", None)


def test_a_passage_that_stands_twice_is_told_by_its_surroundings():
    twice = [
        f"{TEXTS[0]} The intervals are exact ones.",
        TEXTS[2],
        f"{TEXTS[3]} The intervals are exact ones.",
    ]
    later = [
        text.replace("This chapter", "The chapter").replace("highest", "greatest") for text in twice
    ]
    part = comment_on(twice, 2, "The intervals are exact ones.")
    assert placed(part, body(later)) == ("moved", later[2])
    alone = comment_on(twice, 2, "The intervals are exact ones.", prefix="", suffix="")
    assert placed(alone, body(later)) == ("gone", None)


def test_where_two_places_fit_alike_none_is_chosen():
    said = "All of the intervals of this chapter are exact ones, as the methods say."
    twice = [f"{TEXTS[0]} {said}", TEXTS[2], f"{TEXTS[3]} {said}"]
    later = [
        text.replace("chapter counts", "chapter tells").replace("highest", "greatest")
        for text in twice
    ]
    assert placed(comment_on(twice, 2, said), body(later)) == ("moved", later[2])
    assert placed(comment_on(twice, 2, said, prefix="", suffix=""), body(later)) == ("gone", None)


def test_a_short_passage_is_not_found_by_its_words_alone():
    later = [*TEXTS]
    later[4] = later[4].replace("Coverage", "The coverage")
    assert placed(comment_on(TEXTS, 4, "before 2019", prefix="", suffix=""), body(later)) == (
        "gone",
        None,
    )
    assert placed(comment_on(TEXTS, 4, "before 2019"), body(later)) == ("moved", later[4])


def test_exhibits_keep_comments_while_they_are_called_the_same():
    key = content_id("x", "Cases by group")
    whole = comment_on(TEXTS, 0, anchor=key, prefix="One item Within it", suffix="I12II<5")
    whole = Comment(**{**vars(whole), "exact": "Table 3.1 Cases by group"})
    assert placed(whole, body(TEXTS))[0] == "same"
    cell = Comment(**{**vars(whole), "exact": "I12"})
    assert placed(cell, body(TEXTS))[0] == "same"
    hidden = Comment(**{**vars(whole), "exact": "the cell of group four"})
    assert placed(hidden, body(TEXTS))[0] == "reworded"
    assert placed(whole, body(TEXTS, title="All cases by group"))[0] == "reworded"
    assert placed(hidden, body(TEXTS, title="Something else entirely"))[0] == "gone"


def test_code_is_known_again_when_a_number_in_it_changes_and_never_taken_for_prose():
    code = "rates = rate_table(cases, population, by=['sex'], limit=18)"
    whole = Comment(
        **{**vars(comment_on(TEXTS, 0)), "anchor": content_id("code", code), "exact": code}
    )
    assert placed(whole, body(TEXTS))[0] == "same"
    assert placed(whole, body(TEXTS, code=code.replace("18", "20")))[0] == "numbers"
    assert placed(whole, body(TEXTS, code="something = other()"))[0] == "gone"
    assert (
        placed(Comment(**{**vars(whole), "exact": TEXTS[0]}), body(TEXTS, code="x = 1"))[0]
        == "gone"
    )


def test_edits_all_over_a_report_lose_no_comment_and_misplace_none():
    """The thresholds: one word in seven is another in every paragraph, among paragraphs of one shape."""
    shape = (
        "In group {n} the {a} rate was {n}0.5 per million, "
        "and {b} of the {c} children were followed until they {d}."
    )
    words = [
        "crude",
        "lower",
        "observed",
        "yearly",
        "standard",
        "boys",
        "girls",
        "infants",
        "adolescents",
        "others",
    ]
    texts = [
        shape.format(
            n=n, a=words[n], b=words[-n], c=words[(3 * n) % 10], d=f"{words[n]} {words[-n]} died"
        )
        for n in range(1, 10)
    ]
    later = [
        " ".join("other" if at % 7 == 3 else word for at, word in enumerate(text.split()))
        for text in texts
    ]
    found = [placed(comment_on(texts, number), body(later))[1] for number in range(len(texts))]
    assert [text for text, now in zip(found, later, strict=True) if text not in (None, now)] == []
    assert sum(text is not None for text in found) >= 7


def test_blocks_end_where_a_card_may_stand():
    markup = body(TEXTS)
    blocks = {block.anchor: block for block in page_blocks(markup)}
    assert markup[: blocks["p-a"].end].endswith("One item") and markup[
        : blocks["p-b"].end
    ].endswith("Within it")
    assert markup[: blocks[content_id("x", "Cases by group")].end].endswith("</figure>")
    assert all(markup[: blocks[identified(text)].end].endswith("</p>") for text in TEXTS)
    assert [block.kind for block in blocks.values()].count("code") == 1
    folded = '<details class="code"><pre tabindex="0" data-anchor="code-1"><code>a = 1</code></pre></details>'
    assert page_blocks(folded)[0].end == len(folded) and page_blocks(folded)[0].kind == "code"

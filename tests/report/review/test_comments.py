"""A Web Annotation as a comment: what is cut, what is too long, in which order comments stand."""

import json

import pytest

from analysis.report.review.comments import Comment, annotation_page, comment_of, merged

EARLY, LATE = "2026-11-24T09:30:00.000Z", "2026-11-25T09:30:00.000Z"


def comment(number=1, text="Why?", created=EARLY, modified=EARLY, **changes):
    place = {"chapter": "03_a", "language": "en", "anchor": "p-1", "exact": "A passage"} | changes
    return Comment(f"urn:x:{number}", "Kari", text, created, modified, **place)


def annotation(**changes):
    return json.loads(annotation_page("demo", [comment()]))["items"][0] | changes


@pytest.mark.parametrize(
    ("field", "longest"), [("id", 200), ("name", 200), ("text", 20_000), ("exact", 20_000)]
)
def test_a_text_may_be_so_long_and_no_longer(field, longest):
    def item(length):
        text = "x" * length
        changed = {
            "id": {"id": text},
            "name": {"creator": {"name": text}},
            "text": {"body": [{"type": "TextualBody"}, {"value": text}]},
        }.get(field, {})
        whole = annotation(**changed)
        if field == "exact":
            whole["target"]["selector"][1]["exact"] = text
        return whole

    assert comment_of(item(longest))[1] == []
    [fault] = comment_of(item(longest + 1))[1]
    assert fault.endswith(f"must not be longer than {longest} characters; it has {longest + 1}")


def test_surroundings_and_the_draft_are_cut():
    item = annotation(**{"workbench:draft": "d" * 201})
    item["target"]["selector"][1] |= {"prefix": "a" * 201, "suffix": "b" * 201}
    read, faults = comment_of(item)
    assert faults == []
    assert (len(read.prefix), len(read.suffix), len(read.draft)) == (200, 200, 200)
    assert (read.prefix[0], read.suffix[0]) == ("a", "b")


@pytest.mark.parametrize(
    ("moment", "read"),
    [
        ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00.000Z"),
        ("2026-11-24T09:30:00", "2026-11-24T09:30:00.000Z"),
        ("2026-11-24T10:30:00.5+01:00", "2026-11-24T09:30:00.500Z"),
    ],
)
def test_moments_are_kept_in_utc(moment, read):
    assert comment_of(annotation(created=moment, modified=moment))[0].created == read
    item = annotation(created=moment)
    del item["modified"]
    assert comment_of(item)[0].modified == read


@pytest.mark.parametrize("selector", [None, "x", [], [{"type": "FragmentSelector"}]])
def test_without_a_quotation_there_is_no_comment(selector):
    item = annotation()
    item["target"]["selector"] = selector
    read, faults = comment_of(item)
    assert read is None and len(faults) == 1 and "exact must be given" in faults[0]


def test_line_ends_are_one_and_the_anchor_may_be_empty():
    item = annotation(body={"value": " a\r\nb\rc\n"})
    item["target"]["selector"] = item["target"]["selector"][1]
    read, faults = comment_of(item)
    assert (read.text, read.anchor, faults) == ("a\nb\nc", "", [])


def test_a_key_tells_comments_and_reviewers_apart_and_is_no_identity_number():
    keys = {comment(number).key for number in range(20)}
    assert len(keys) == 20 and all(len(key) == 20 and key[0] == "c" for key in keys)
    uuid = Comment(f"urn:uuid:{'0a' * 16}", "Kari", "", "", "", "", "", "", "")
    assert (uuid.digits, comment().digits) == ("0a" * 16, "")


def test_comments_stand_by_language_chapter_and_moment():
    order = [
        comment(1, language="en", chapter="03_a"),
        comment(2, language="en", chapter="03_a", created=LATE),
        comment(3, language="en", chapter="04_b"),
        comment(4, language="nb", chapter="01_a"),
    ]
    assert list(merged(reversed(order))) == order


def test_of_two_edits_the_later_wins_and_of_the_same_moment_always_the_same():
    first, second = comment(text="A"), comment(text="B")
    assert merged([first, second]) == merged([second, first]) == (second,)
    later = comment(text="A", modified=LATE)
    assert merged([later, second]) == merged([second, later]) == (later,)

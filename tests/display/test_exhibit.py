"""The record that a chapter's cell ends in."""

import dataclasses
import json

import pytest

from analysis.display import Exhibit

MEDIA_TYPE = "application/vnd.workbench.exhibit+json"


def test_quoting_adds_and_leaves_the_first_alone():
    first = Exhibit("table", "<table></table>", "a\n", numbers={"n": "1"})
    second = first.quoting(m=2)
    assert second.numbers == {"n": "1", "m": "2"}
    assert first.numbers == {"n": "1"}


def test_an_exhibit_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Exhibit("table", "", "").body = "other"


def test_a_notebook_shows_it_and_binding_reads_it():
    exhibit = Exhibit("table", "<table></table>", "a\n", "A table.", ("<5: few",), {"n": "1"})
    bundle = exhibit._repr_mimebundle_()
    assert "&lt;5: few" in bundle["text/html"]
    assert json.loads(json.dumps(bundle[MEDIA_TYPE])) == {
        "kind": "table",
        "body": "<table></table>",
        "csv": "a\n",
        "alternative": "A table.",
        "notes": ["<5: few"],
        "numbers": {"n": "1"},
        "picture": "",
    }

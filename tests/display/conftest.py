"""What is written in a drawing, and whether it can be read there."""

import re
from xml.etree import ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"
# Mean advance of a character and height of a line, in em, of an ordinary sans face.
ADVANCE, HEIGHT = 0.5, 0.74


def texts(exhibit):
    return [
        (text.text or "", text) for text in ElementTree.fromstring(exhibit.body).iter(f"{SVG}text")
    ]


def box_of(text):
    """Left, top, right and bottom of a text."""
    anchor, moved = (
        text.get("text-anchor"),
        re.search(r"translate\(([-\d.]+)[ ,]([-\d.]+)\)", text.get("transform") or ""),
    )
    x, y = (
        (float(moved[1]), float(moved[2]))
        if moved
        else (float(text.get("x")), float(text.get("y")))
    )
    size = float(text.get("font-size").removesuffix("px"))
    wide = len(re.sub(r"\s+", " ", text.text)) * ADVANCE * size
    left = x - wide * {"middle": 0.5, "end": 1}.get(anchor, 0)
    return left, y - HEIGHT * size, left + wide, y


@pytest.fixture
def words():
    """The texts of a drawing, in order."""
    return lambda exhibit: [said for said, _ in texts(exhibit)]


@pytest.fixture
def unreadable():
    """Texts that lie outside the drawing or over one another, and those that say nothing to a reader."""

    def found(exhibit):
        wide, tall = map(
            float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', exhibit.body).groups()
        )
        boxes = [(said, box_of(text)) for said, text in texts(exhibit) if said.strip()]
        faults = [
            said
            for said, (left, top, right, foot) in boxes
            if left < -1 or top < -1 or right > wide or foot > tall
        ]
        faults += [said for said, _ in boxes if re.search(r"\b(nan|None|inf|NaN)\b", said)]
        for number, (said, one) in enumerate(boxes):
            faults += [
                f"{said} / {other}"
                for other, two in boxes[number + 1 :]
                if one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
            ]
        return faults

    return found

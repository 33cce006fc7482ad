"""How figures look: one colour, one marker and one dash for each thing, everywhere in the report."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from analysis.display.columns import plain

# Okabe & Ito's palette, without its yellow (too pale on paper); INK becomes the page's own text colour.
INK = "#010203"
BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#808080",
)

WIDTH = 680
TEXT = 12.5
SMALL_TEXT = 12
FAMILY = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"
# Mean advance of a character of a sans face, in em: wide enough for every face of the stack.
ADVANCE = 0.56

PAPER = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "svg.fonttype": "none",
    "svg.hashsalt": "childhood-cancer-workbench",
    "path.simplify": True,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL_TEXT,
    "ytick.labelsize": SMALL_TEXT,
    "axes.unicode_minus": True,
    "text.parse_math": False,
}


@dataclass(frozen=True)
class Style:
    """Colour, marker and dash of one line or dot."""

    colour: str
    marker: str
    dash: object


SOLID, DASHED, DOTTED, MIXED, LONG, SPARSE = (
    "-",
    (0, (5, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 2, 1.5, 2)),
    (0, (9, 3)),
    (0, (3, 3)),
)
DEFAULT = Style(BLUE, "o", SOLID)
_CYCLE = (
    DEFAULT,
    Style(VERMILION, "s", DASHED),
    Style(GREEN, "^", MIXED),
    Style(PURPLE, "D", DOTTED),
    Style(ORANGE, "v", LONG),
    Style(SKY, "P", SPARSE),
    Style(GREY, "X", SOLID),
    Style(INK, "h", DASHED),
)
_FIXED = {
    "sex": {
        "male": Style(BLUE, "o", SOLID),
        "female": Style(VERMILION, "s", DASHED),
        "other": Style(GREEN, "^", MIXED),
        "unknown": Style(GREY, "X", DOTTED),
    },
    "country": {
        "NO": Style(VERMILION, "o", SOLID),
        "SE": Style(BLUE, "s", DASHED),
        "DK": Style(PURPLE, "D", LONG),
        "FI": Style(SKY, "^", SOLID),
        "IS": Style(INK, "v", DOTTED),
        "EE": Style(GREEN, "P", MIXED),
        "LV": Style(ORANGE, "X", SPARSE),
        "LT": Style(GREY, "h", DASHED),
    },
    "iccc3": {
        "I": Style(BLUE, "o", SOLID),
        "II": Style(ORANGE, "s", DASHED),
        "III": Style(GREEN, "^", MIXED),
        "IV–XII": Style(PURPLE, "D", DOTTED),
        "IV": Style(VERMILION, "v", LONG),
        "V": Style(SKY, "P", SOLID),
        "VI": Style(PURPLE, "X", DASHED),
        "VII": Style(GREY, "h", MIXED),
        "VIII": Style(INK, "o", DOTTED),
        "IX": Style(BLUE, "s", LONG),
        "X": Style(ORANGE, "D", SPARSE),
        "XI": Style(GREEN, "v", DASHED),
        "XII": Style(VERMILION, "h", DOTTED),
    },
}
_FIXED["iccc3_group"] = _FIXED["pooled_group"] = _FIXED["diagnosis_group"] = _FIXED["iccc3"]


def style_of(column: str | None, value: Hashable, values: Sequence[Hashable]) -> Style:
    """The same thing looks the same in every figure; what has no fixed look takes one by its place.

    Examples
    --------
    >>> style_of("sex", "female", ["female"]).marker
    's'
    """
    fixed = _FIXED.get(column or "", {})
    # A year read from a file may be 2023.0: it is the same year, and looks the same.
    if value is not None and plain(value) in fixed:
        return fixed[plain(value)]
    return _CYCLE[list(values).index(value) % len(_CYCLE)] if value in list(values) else DEFAULT


def text_width(text: str, size: float = TEXT) -> float:
    """About how wide a line of text is, in the units of the drawing."""
    return max((len(line) for line in text.split("\n")), default=0) * ADVANCE * size


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near as may be to those wanted, at least ``gap`` apart, within ``low`` and ``high``.

    Examples
    --------
    >>> spread([10.0, 11.0, 40.0], 10, 0, 100)
    [5.5, 15.5, 40.0]
    """
    clusters: list[Cluster] = []
    for position in sorted(range(len(wanted)), key=wanted.__getitem__):
        clusters.append(Cluster([position], wanted[position], gap).within(low, high))
        while len(clusters) > 1 and clusters[-2].top + gap > clusters[-1].bottom:
            members = clusters[-2].members + clusters.pop().members
            centre = sum(wanted[member] for member in members) / len(members)
            clusters[-1] = Cluster(members, centre, gap).within(low, high)
    positions = [0.0] * len(wanted)
    for cluster in clusters:
        for rank, member in enumerate(cluster.members):
            positions[member] = cluster.centre + (rank - (len(cluster.members) - 1) / 2) * gap
    return positions


@dataclass(frozen=True)
class Cluster:
    """Positions that would meet, side by side around their mean."""

    members: list[int]
    centre: float
    gap: float

    @property
    def half(self) -> float:
        """From the centre to the outermost position."""
        return (len(self.members) - 1) / 2 * self.gap

    @property
    def bottom(self) -> float:
        """The lowest position."""
        return self.centre - self.half

    @property
    def top(self) -> float:
        """The highest position."""
        return self.centre + self.half

    def within(self, low: float, high: float) -> "Cluster":
        """The same positions, moved inside two ends."""
        return replace(self, centre=max(min(self.centre, high - self.half), low + self.half))

"""Where a comment belongs on a page that may have changed since: by anchor, by the words quoted, by likeness."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analysis.report.files.page_text import comparable_text
from analysis.report.pages.anchors import plain_text
from analysis.report.review.comments import Comment

# Words alike by so much are the passage, reworded, where as much as this of its surroundings stands there too.
ALIKE, AROUND = 0.7, 0.5
# The best place must be better than the second by so much, or none is chosen.
CLEARLY = 0.05
# So many words are told from all others in any surroundings; fewer than the least are never compared by likeness.
TELLING_WORDS, FEWEST_WORDS = 8, 4
_STEM, _CONTEXT_WORDS, _LONGEST = 5, 10, 400
_BLOCK = re.compile(
    r'<(?P<tag>p|li|h2|h3|h4|pre)\b(?=[^>]*\b(?:id|data-anchor)="(?P<anchor>[^"]+)")[^>]*>(?P<text>.*?)'
    r"(?:</(?P=tag)>|(?=<[uo]l>))"
    r'|<figure\b(?=[^>]*\bdata-anchor="(?P<exhibit>[^"]+)")[^>]*>(?P<shown>.*?)</figure>',
    re.DOTALL,
)
_CODE = re.compile(r'<pre\b(?=[^>]*\bdata-anchor="([^"]+)")[^>]*>(.*?)</pre>', re.DOTALL)
_FOLDED = re.compile(r"\s*</details>")


@dataclass(frozen=True)
class Block:
    """A paragraph, exhibit or code cell of a page.

    ``kind`` is ``text``, ``exhibit`` or ``code``; ``end`` is where in the markup something can be put behind it;
    ``before`` and ``behind`` are what its neighbours say.
    """

    anchor: str
    kind: str
    text: str
    end: int
    before: str = ""
    behind: str = ""

    @cached_property
    def words(self) -> list[str]:
        """Its words as they are compared."""
        return stems(self.text)

    @cached_property
    def beside(self) -> tuple[list[str], list[str]]:
        """The words of its neighbours."""
        return stems(self.before), stems(self.behind)

    @cached_property
    def bare(self) -> str:
        """Its text with numbers left out of account."""
        return comparable_text(self.text)


@dataclass(frozen=True)
class Place:
    """Where a comment belongs now, and what became of its passage.

    ``block`` is None where its place is gone. ``how`` is ``same``, ``numbers`` (only numbers are other ones),
    ``moved`` (the words are there, in other surroundings), ``reworded`` or ``gone``.
    """

    comment: Comment
    block: Block | None
    how: str


def stems(text: str) -> list[str]:
    """The words of a text, their endings left out of account."""
    return [found[:_STEM] for found in re.findall(r"\w+|#", comparable_text(text))]


def page_blocks(markup: str) -> list[Block]:
    """What on a page can be commented on, in reading order.

    Parameters
    ----------
    markup
        The body of a page as it is bound: paragraphs and headings with ids, exhibits and code cells with anchors.
    """
    found: list[Block] = []
    for match in _BLOCK.finditer(markup):
        if match["exhibit"]:
            codes = [
                Block(key, "code", plain_text(code), match.end())
                for key, code in _CODE.findall(match["shown"])
            ]
            found += [
                Block(match["exhibit"], "exhibit", plain_text(match["shown"]), match.end()),
                *codes,
            ]
            continue
        folded = _FOLDED.match(markup, match.end()) if match["tag"] == "pre" else None
        # An item of a list is added to before it ends.
        end = match.end("text") if match["tag"] == "li" else folded.end() if folded else match.end()
        found.append(
            Block(match["anchor"], "code" if folded else "text", plain_text(match["text"]), end)
        )
    return [
        Block(
            one.anchor,
            one.kind,
            one.text,
            one.end,
            found[at - 1].text[-400:] if at else "",
            found[at + 1].text[:400] if at + 1 < len(found) else "",
        )
        for at, one in enumerate(found)
    ]


def place_of(comment: Comment, blocks: Sequence[Block]) -> Place:
    """Where a comment belongs among the blocks of its chapter.

    Notes
    -----
    The anchor decides, since it is made of what stands there. Else the words that were quoted do, numbers aside, or
    what is like them, and the surroundings: where several places could be meant, the one that is clearly the best.
    What is in doubt has no place: a comment never stands beside what it was not about without a word.
    """
    blocks = [block for block in blocks if block.kind == _kind_of(comment.anchor)]
    quoted = comparable_text(comment.exact)
    anchored = [block for block in blocks if comment.anchor and block.anchor == comment.anchor]
    anchored.sort(key=lambda block: -_fitness(comment, block, quoted))
    if anchored and (
        quoted in anchored[0].bare or not any(quoted in block.bare for block in blocks)
    ):
        return Place(comment, anchored[0], _what_became(comment, anchored[0], quoted))
    block = _clear_choice([(_fitness(comment, block, quoted), block) for block in blocks])
    return Place(comment, block, _what_became(comment, block, quoted) if block else "gone")


def _kind_of(anchor: str) -> str:
    return (
        "exhibit" if anchor.startswith("x-") else "code" if anchor.startswith("code-") else "text"
    )


def _fitness(comment: Comment, block: Block, quoted: str) -> float:
    """How well a block fits a comment by its words and its surroundings, from 0 (it does not) to 1."""
    like, before, behind = _likeness(comment, block, quoted)
    around = _around(comment, block, before, behind)
    if like < 1:
        return (like >= ALIKE and around >= AROUND) * (like + around) / 2
    words = len(stems(comment.exact))
    fits = (
        around >= AROUND
        or words >= TELLING_WORDS
        or (quoted == block.bare and words >= FEWEST_WORDS)
    )
    return fits * (1 + around) / 2


def _what_became(comment: Comment, block: Block, quoted: str) -> str:
    if quoted not in block.bare:
        return "reworded"
    whole, verbatim = quoted == block.bare, " ".join(comment.exact.split()) in block.text
    if block.anchor != comment.anchor and not whole:
        return "moved"
    return "same" if verbatim else "numbers"


def _clear_choice(scored: list[tuple[float, Block]]) -> Block | None:
    ranked = sorted((one for one in scored if one[0] > 0), key=lambda one: -one[0])
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEARLY:
        return None
    return ranked[0][1] if ranked else None


def _around(comment: Comment, block: Block, before: Sequence[str], behind: Sequence[str]) -> float:
    """How far the surroundings of a passage agree with those that it was quoted from, from 0 to 1."""
    sides = (
        (comment.prefix, [*stems(block.before), *before], -1),
        (comment.suffix, [*behind, *stems(block.behind)], 1),
    )
    told = [(was, now, side) for text, now, side in sides if (was := stems(text))]
    if not told:
        return float(comment.anchor == block.anchor)
    return sum(_alike_beside(*one) for one in told) / len(told)


def _alike_beside(was: list[str], now: list[str], side: int) -> float:
    # A passage may have been cut within a word, of which half is told here.
    was, now = (words[::side][:_CONTEXT_WORDS] for words in (was, now))
    return difflib.SequenceMatcher(None, was, now[: len(was)], autojunk=False).ratio()


def _likeness(
    comment: Comment, block: Block, quoted: str
) -> tuple[float, Sequence[str], Sequence[str]]:
    """How like the passage is what in a block is most like it, from 0 to 1, and the words before and behind that."""
    if quoted in block.bare:
        before, _, behind = block.bare.partition(quoted)
        return 1.0, stems(before), stems(behind)
    sought, words = stems(comment.exact)[:_LONGEST], block.words
    if len(sought) < FEWEST_WORDS or sum(
        (Counter(sought) & Counter(words)).values()
    ) < ALIKE / 2 * len(sought):
        return 0.0, (), ()
    matcher = difflib.SequenceMatcher(None, words, sought, autojunk=False)
    starts = {max(0, one.a - one.b) for one in matcher.get_matching_blocks() if one.size}
    spans = [(start, start + len(sought)) for start in starts]
    ratios = [
        difflib.SequenceMatcher(None, words[slice(*span)], sought, autojunk=False).ratio()
        for span in spans
    ]
    # Words in the same order that differ in their marks alone are alike, and not the same.
    like, (start, end) = max(zip(ratios, spans, strict=True), key=lambda one: (one[0], -one[1][0]))
    return min(like, 0.99), words[:start], words[end:]

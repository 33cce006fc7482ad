"""Where a comment belongs on a page that may have changed since: by anchor, by the words quoted, by likeness."""

import difflib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
_STEM, _CONTEXT_WORDS, _LONGEST, _NEIGHBOUR = 5, 10, 400, 400
_BLOCK = re.compile(
    r'<(?P<tag>p|li|h2|h3|h4|pre)\b(?=[^>]*\b(?:id|data-anchor)="(?P<anchor>[^"]+)")[^>]*>(?P<text>.*?)'
    r"(?:</(?P=tag)>|(?=<[uo]l>))"
    r'|<figure\b(?=[^>]*\bdata-anchor="(?P<exhibit>[^"]+)")[^>]*>(?P<shown>.*?)</figure>',
    re.DOTALL,
)
_CODE = re.compile(r'<pre\b(?=[^>]*\bdata-anchor="([^"]+)")[^>]*>(.*?)</pre>', re.DOTALL)
_FOLDED = re.compile(r"\s*</details>")


@dataclass(frozen=True)
class PageBlock:
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
class Relocation:
    """Where a comment belongs now, and what became of its passage.

    ``block`` is None where its place is gone. ``how`` is ``same``, ``numbers`` (only numbers are other ones),
    ``moved`` (the words are there, in other surroundings), ``reworded`` or ``gone``.
    """

    comment: Comment
    block: PageBlock | None
    how: str


def stems(text: str) -> list[str]:
    """The words of a text, their endings left out of account."""
    return [word[:_STEM] for word in re.findall(r"\w+|#", comparable_text(text))]


def page_blocks(markup: str) -> list[PageBlock]:
    """What on a page can be commented on, in reading order.

    Parameters
    ----------
    markup
        The body of a page as it is bound: paragraphs and headings with ids, exhibits and code cells with anchors.
    """
    blocks: list[PageBlock] = []
    for match in _BLOCK.finditer(markup):
        blocks += _exhibit_blocks(match) if match["exhibit"] else [_text_block(match, markup)]
    # What is told of its neighbours is as long as a comment's surroundings are.
    texts = ["", *(block.text for block in blocks), ""]
    return [
        replace(block, before=texts[index][-_NEIGHBOUR:], behind=texts[index + 2][:_NEIGHBOUR])
        for index, block in enumerate(blocks)
    ]


def _exhibit_blocks(match: re.Match) -> list[PageBlock]:
    """An exhibit, and behind it the code that made it: each can be commented on."""
    exhibit = PageBlock(match["exhibit"], "exhibit", plain_text(match["shown"]), match.end())
    codes = [
        PageBlock(anchor, "code", plain_text(code), match.end())
        for anchor, code in _CODE.findall(match["shown"])
    ]
    return [exhibit, *codes]


def _text_block(match: re.Match, markup: str) -> PageBlock:
    text = plain_text(match["text"])
    folded = _FOLDED.match(markup, match.end()) if match["tag"] == "pre" else None
    if folded:
        return PageBlock(match["anchor"], "code", text, folded.end())
    # An item of a list is added to before it ends.
    end = match.end("text") if match["tag"] == "li" else match.end()
    return PageBlock(match["anchor"], "text", text, end)


def relocation_of(comment: Comment, blocks: Sequence[PageBlock]) -> Relocation:
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
    # Where its words stand elsewhere and no longer at its anchor, they have moved.
    if anchored and _holds_if_any(anchored[0], quoted, blocks):
        return Relocation(comment, anchored[0], _what_became(comment, anchored[0], quoted))
    block = _clear_choice([(_fitness(comment, block, quoted), block) for block in blocks])
    return Relocation(comment, block, _what_became(comment, block, quoted) if block else "gone")


def _holds_if_any(block: PageBlock, quoted: str, blocks: Sequence[PageBlock]) -> bool:
    return quoted in block.bare or not any(quoted in other.bare for other in blocks)


def _kind_of(anchor: str) -> str:
    if anchor.startswith("x-"):
        return "exhibit"
    return "code" if anchor.startswith("code-") else "text"


def _fitness(comment: Comment, block: PageBlock, quoted: str) -> float:
    """How well a block fits a comment by its words and its surroundings, from 0 (it does not) to 1."""
    like, before, behind = _likeness(comment, block, quoted)
    around = _around(comment, block, before, behind)
    if like < 1:
        return (like >= ALIKE and around >= AROUND) * (like + around) / 2
    # A few words that stand on every page say nothing of the place: many words, or a whole paragraph, do.
    words = len(stems(comment.exact))
    telling = words >= TELLING_WORDS or (quoted == block.bare and words >= FEWEST_WORDS)
    return (around >= AROUND or telling) * (1 + around) / 2


def _what_became(comment: Comment, block: PageBlock, quoted: str) -> str:
    if quoted not in block.bare:
        return "reworded"
    whole, verbatim = quoted == block.bare, " ".join(comment.exact.split()) in block.text
    if block.anchor != comment.anchor and not whole:
        return "moved"
    return "same" if verbatim else "numbers"


def _clear_choice(scored: list[tuple[float, PageBlock]]) -> PageBlock | None:
    ranked = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < CLEARLY:
        return None
    return ranked[0][1] if ranked else None


def _around(
    comment: Comment, block: PageBlock, before: Sequence[str], behind: Sequence[str]
) -> float:
    """How far the surroundings of a passage agree with those that it was quoted from, from 0 to 1."""
    sides = (
        (comment.prefix, [*stems(block.before), *before], -1),
        (comment.suffix, [*behind, *stems(block.behind)], 1),
    )
    shares = [_alike_beside(stems(text), words, side) for text, words, side in sides if stems(text)]
    # Without surroundings only the anchor can say that it is the place.
    return sum(shares) / len(shares) if shares else float(comment.anchor == block.anchor)


def _alike_beside(was: list[str], now: list[str], side: int) -> float:
    # A passage may have been cut within a word, of which half is told here.
    quoted, present = (words[::side][:_CONTEXT_WORDS] for words in (was, now))
    return _ratio(quoted, present[: len(quoted)])


def _likeness(
    comment: Comment, block: PageBlock, quoted: str
) -> tuple[float, Sequence[str], Sequence[str]]:
    """How like the passage is what in a block is most like it, from 0 to 1, and the words before and behind that."""
    if quoted in block.bare:
        before, _, behind = block.bare.partition(quoted)
        return 1.0, stems(before), stems(behind)
    sought, words = stems(comment.exact)[:_LONGEST], block.words
    shared = (Counter(sought) & Counter(words)).total()
    # Comparing takes long: what shares few words with the passage cannot be like it.
    if len(sought) < FEWEST_WORDS or shared < ALIKE / 2 * len(sought):
        return 0.0, (), ()
    like, start = _best_match(words, sought)
    # Words in the same order that differ in their marks alone are alike, and not the same.
    return min(like, 0.99), words[:start], words[start + len(sought) :]


def _best_match(words: Sequence[str], sought: Sequence[str]) -> tuple[float, int]:
    """How like the sought words are those most like them, and where these begin; of several the first."""
    matcher = difflib.SequenceMatcher(None, words, sought, autojunk=False)
    starts = {max(0, match.a - match.b) for match in matcher.get_matching_blocks() if match.size}
    ratios = {start: _ratio(words[start : start + len(sought)], sought) for start in starts}
    first = max(ratios, key=lambda start: (ratios[start], -start))
    return ratios[first], first


def _ratio(words: Sequence[str], others: Sequence[str]) -> float:
    return difflib.SequenceMatcher(None, words, others, autojunk=False).ratio()

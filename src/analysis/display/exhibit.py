"""What a reader is shown: one table or one figure, with its data, its words and its numbers."""

from dataclasses import asdict, dataclass, field, replace
from html import escape

MEDIA_TYPE = "application/vnd.workbench.exhibit+json"


@dataclass(frozen=True)
class Exhibit:
    """One table or figure, ready for a page.

    Title and caption are prose and are not here; binding adds them from the chapter.

    Parameters
    ----------
    kind
        ``"table"`` or ``"figure"``.
    body
        An HTML table or an inline SVG; a paragraph where there is nothing to draw.
    csv
        The published numbers, for machines; small numbers withheld as in ``body``.
    alternative
        The text alternative, computed from the published numbers.
    notes
        Sentences under the exhibit, such as what ``<5`` means.
    numbers
        Names for prose and the formatted numbers that they stand for.
    picture
        The drawing as a PNG in base64, to be put into a slide or a manuscript; empty for a table.

    Examples
    --------
    >>> Exhibit("table", "<table></table>", "").quoting(n_all="204").numbers
    {'n_all': '204'}
    """

    kind: str
    body: str
    csv: str
    alternative: str = ""
    notes: tuple[str, ...] = ()
    numbers: dict[str, str] = field(default_factory=dict)
    picture: str = ""

    def quoting(self, **numbers: object) -> "Exhibit":
        """The same exhibit, giving prose these formatted numbers by name."""
        return replace(
            self, numbers={**self.numbers, **{name: str(said) for name, said in numbers.items()}}
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, object]:
        # In a notebook that nobody binds the notes stand under the exhibit too.
        notes = "".join(f"<p><small>{escape(note)}</small></p>" for note in self.notes)
        fields = asdict(self)
        fields["notes"] = list(self.notes)
        return {"text/html": self.body + notes, MEDIA_TYPE: fields}

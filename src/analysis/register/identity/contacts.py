"""E-mail addresses and phone numbers, as they are written in the Nordic and Baltic countries."""

import re
from collections.abc import Iterator

EMAIL, PHONE = "e-mail address", "phone number"

# Digits of a national number by country code.
_LENGTHS = {
    "45": (8,), "46": (7, 8, 9), "47": (8,), "354": (7, 9), "358": (6, 7, 8, 9, 10, 11),
    "370": (8,), "371": (8,), "372": (7, 8),
}  # fmt: skip
# What stands before and behind the @ of an address, which is looked for first: few texts have one.
_MAILBOX, _LONGEST_MAILBOX = re.compile(r"[A-Za-z0-9][\w.+%-]{0,63}\Z"), 64
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9æøåäöÆØÅÄÖ-]{1,63}\.)+(?!(?:png|svg|jpe?g|css|js|html?)\b)[A-Za-z]{2,}"
)
_COUNTRY = r"(4[567]|354|358|37[012])(?!\d*\.\d)[ \-.)]*(?:\(0\)[ ]*)?[(]?(\d(?:[ \-.()]{0,2}\d){5,10})(?!\d)"
_PLUS = re.compile(r"\+(?<!\w\+)[ ]?" + _COUNTRY)
# Bare digits after 00 are a number of 12 digits and more: shorter ones are serial numbers with zeros before.
_ZEROS = re.compile(r"00(?<!\d00)(?=\d{10}|[ ]?\d{2,3}[ \-.(])[ ]?" + _COUNTRY)
_LABELS = ("tlf", "tel", "phone", "mob", "gsm", "puh", "simi", "sími", "talr", "tālr")
_LABELLED = re.compile(
    r"[tpmgs](?<!\w\w)(?:lf|el(?:e[fp]h?on\w*)?|[aā]lr\w*|hone|ob(?:iil|ile?)?|sm|uh(?:elin)?|[ií]mi)"
    r"[^\w\n+]{0,4}(\(?\d(?:[ \-./()]{0,2}\d){6,11})(?!\d)"
)
_PAIR = re.compile(r"[0-9] [0-9]")
_SEVEN = re.compile(r"[0-9](?:[^0-9\n]{0,2}[0-9]){6}")
# Numbers without a country code, in the groups in which a person writes them.
_GROUPED = re.compile(
    r'[2-90(](?<![\d+].)(?<!\d[ .,:-].)(?<!=".)(?:'
    r"(?<=[2-9])\d(?: \d\d){3}"  # Norway, Denmark
    r"|(?<=[49])\d\d \d\d \d{3}"  # Norway, mobile
    r"|(?<=0)7[02369](?:[- ]\d{7}|[- ]\d{3} \d\d \d\d)"  # Sweden, mobile
    r"|(?<=0)[1-9]\d{0,2}[-/]\d{2,3} \d{2,3}(?: \d\d)"  # Sweden
    r"|(?<=0)8-\d{3} \d{3} \d\d"  # Stockholm
    r"|(?<=0)(?:4\d|50)[- ]\d{3}[- ]?\d{4}"  # Finland, mobile
    r"|(?<=[8(])8?[- ]6\d\d\)?[- ]\d{5}"  # Lithuania, mobile
    r")(?![\d%]|[ .,:-]\d)"
)


def may_hold_contacts(text: str) -> bool:
    """Whether a plain text has anything that an address or a number without many digits begins with."""
    if "@" in text or "+" in text or _PAIR.search(text):
        return True
    lower = text.lower()
    return any(word in lower for word in _LABELS) and bool(_SEVEN.search(text))


def find_contacts(text: str) -> list[tuple[str, int]]:
    """The kind and place of each address and number in a plain text.

    Eight bare digits are no phone number; they are one with a country code, with a word such as
    "tlf", or in the groups in which phone numbers are written.

    Examples
    --------
    >>> find_contacts("tlf. 22 45 13 00, or ola@example.no"), find_contacts("22451300 persons")
    ([('e-mail address', 21), ('phone number', 5)], [])
    """
    contacts = [(EMAIL, start) for start in _addresses(text)]
    last = -1
    # A number may be written in two of the forms at once; it is one number.
    for start, end in sorted(_phone_spans(text)):
        if start >= last:
            contacts.append((PHONE, start))
            last = end
    return contacts


def _phone_spans(text: str) -> list[tuple[int, int]]:
    """Where each form of a phone number begins and ends; the spans may overlap."""
    abroad = [match for form in (_PLUS, _ZEROS) for match in form.finditer(text)]
    abroad = [match for match in abroad if len(re.sub(r"\D", "", match[2])) in _LENGTHS[match[1]]]
    grouped = _GROUPED.finditer(text)
    # Capital letters are dropped here once, since a pattern that ignores case is several times slower.
    lower = text.lower()
    labelled = _LABELLED.finditer(lower) if any(word in lower for word in _LABELS) else ()
    return [match.span() for match in (*abroad, *grouped)] + [match.span(1) for match in labelled]


def _addresses(text: str) -> Iterator[int]:
    """Where each e-mail address of a text begins."""
    ended = 0
    for sign in re.finditer("@", text):
        # What an address before has taken is no longer part of the next one's mailbox.
        first = max(ended, sign.start() - _LONGEST_MAILBOX)
        mailbox = _MAILBOX.search(text[first : sign.start()])
        domain = _DOMAIN.match(text, sign.end()) if mailbox else None
        if domain:
            yield first + mailbox.start()
            ended = domain.end()

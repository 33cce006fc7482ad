"""What changed between two editions of a report.

It reads what two builds left: pages and data files of ``public/``, and of ``private/`` the run record and the
executed notebooks, where they are there. What is absent is not known, and the page says so. Chapters are the
same by their name or title, exhibits by kind and title (numbers aside) with their columns, rows by the
columns in front that tell them apart, paragraphs by their words around the numbers; nothing is matched by
position alone. What is a revised count rather than a new one follows from the strata: a row of a calendar
year or period is of the same years in both editions, another only where the editions' years are the same. The
test of such counts and the words for numbers come from the caller.

A comparison is private. Totals that are each fit to be published can differ by a count that is not (1985–2023
less 1985–2022 is one year), so that it is never written into a public folder, marks such differences, and
tells of a number that either edition withheld only that it was.
"""

"""Pages become a report: contents, cover, search, citation, one file, PDF.

A page loads its style sheet and one script beside it and nothing else, says so in its content security
policy, and reads the same without the script, which only adds search, a table of contents that follows,
sorting, and explanations. No tag carries a style or a handler; what a page needs inline is allowed by its
hash.

Three views are made of one run. ``public/`` is for readers; ``public/<edition>-<language>.html`` is the same
as one file that loads and runs nothing, and what Chromium prints; ``review/`` shows all code, and never a
message of a run, which could carry a value of a child.
"""

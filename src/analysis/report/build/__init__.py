"""From an edition to its published folder: what must be done, doing it, and the record of it.

`read_edition` reads the edition's file as a whole. Each chapter is compared with it (every parameter that a
notebook declares is given, every one given is declared) and with what the sources have: a chapter that needs
children is left out of an edition of counts, and the report says why.

The sources are read, mapped and validated once, into tables in ``private/``: persons who opted out are
removed from the raw rows first, what is left is searched for whatever names a person, and identifiers become
pseudonyms as the tables are written. That is done again only when a source, a mapping or the code that reads
them changes.

A build is a list of tasks; a task is one function with plain arguments, run in a process of its own (see
`analysis.report.tasks`) or on another machine (`analysis.report.cluster`). The task of a chapter runs the
cells through Papermill, binds the page, writes both, and last the record of what they were made from.

Nothing is done twice. What a chapter used is recorded while it runs, not declared: its code cells, its
parameters, digests of its tables, of the modules that were imported and of the files that were opened, the
versions of packages. A module's digest is the one it had before anything was read, so that a change meanwhile
is found the next time. Prose, words and templates are a second record: when they change, the page is bound
anew and nothing is run. Times of files play no part.

The report is framed as a whole, since contents, search and the record of the run tell of every page, but
files that have been searched for identity already are not searched again, and a file that is the same byte by
byte is linked into the new folder. What a chapter's task gave is known by its digest, so that a file which a
failing machine lost is made again.

Whole or not at all. Every file is written beside its place and renamed; a record is written last. ``public/``
is exchanged for its successor in one step of the file system when every chapter is good; when one fails, the
last good report stays. The folder of an edition is locked, and every process of a build inherits the lock:
the next build begins when the last of them has ended, clears what they left, and goes on from the records.

Several editions are built one after the other, each in its own folder, with one prepared process for all.
Tables that another of them has made from the same sources, mappings, opt-outs and code are copied, and
compared with their digests.

The same bytes anywhere. Every process that makes a report has the same environment; random numbers are seeded
by the chapter's name, ids are made of content, dates are the edition's, and a file's mode is set, not left to
the umask. The record of a run is an RO-Crate (Process Run Crate 0.5) in two parts: the public one says what
does not differ between builds, the private one what does.
"""

"""An executed notebook or a hand-written text becomes one page.

Places have ids made of what stands there: sections of their heading, paragraphs (``p-…``) and code cells
(``data-anchor``) of their text, figures and tables of their title, numbers left out of account. They outlive
edits elsewhere on the page and next year's figures. The number of an exhibit (``figure-3-1``) is its address
for readers. What a registry or an author writes is escaped where it becomes markup; hand-written Markdown
takes no HTML.

English is written where it is used: prose in notebooks, words around a page in ``template/words.csv``, the
glossary in ``template/glossary.yml``. Every other language is a folder of gettext catalogues; a message of
prose is a whole cell. What is missing, fuzzy, left over, or without the English one's numbers and headings
stops a build before it runs anything.
"""

"""What reviewers say of a draft, where it belongs in the next one, and who approved what.

A comment is a Web Annotation (docs/comments.md) with two selectors: the anchor, made of what stands there,
and the words quoted with those around them. The reviewer's browser makes it and keeps it; nothing is sent.
Collected comments lie in ``private/comments/``, which a build reads and never writes, so that they outlive
it; the editors' CSV beside them holds what editors set. In the next draft the anchor decides; else the words
do, numbers aside, or words like them among surroundings like theirs. What is in doubt is shown at the
chapter's end. No page for readers has any of this.

A signature is of the hash of a chapter's title and body in one language. The record lies beside the edition's
file, is read as an input like any other, and holds dates that were typed once: whoever builds the edition
builds the same bytes.
"""

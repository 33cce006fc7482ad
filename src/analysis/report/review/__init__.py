"""What reviewers say of a draft, where it belongs in the next one, and who approved what."""

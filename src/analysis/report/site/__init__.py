"""Pages become a report: contents, cover, search, citation, one file, PDF."""

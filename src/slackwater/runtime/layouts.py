"""How the tables of files are laid out: how headers of several rows become names, and which rows are no data. Pure."""

JOIN = " / "  # between the parts of a name that comes of several header rows or dimension columns

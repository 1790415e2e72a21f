"""From a sample of a source to evidence, to a declaration, to a module."""

"""The process that asks a language model what a source is: it proposes modules, and is never believed."""

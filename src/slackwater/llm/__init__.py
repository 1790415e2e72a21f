"""The process that asks a language model what a source is.

It proposes modules, and is never believed.
"""

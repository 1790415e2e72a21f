"""Sentences that the service makes, in other languages than English: by the template that a sentence was made from."""


def said(text: str, *, language: str) -> str:
    """Return a sentence of the service in a language; what no template fits stays as it is."""
    return text

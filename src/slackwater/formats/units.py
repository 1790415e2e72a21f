"""Finds units of measurement in series names: `Preço médio (€)`, `Norte / kg`. Pure."""

import re

from slackwater.formats.cells import JOIN, is_unit

LONGEST = 24  # characters of a unit; chosen: longer texts in brackets are remarks
_IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]")
# What the list of whole units does not have: prefixes, powers, and one unit for another.
_PART = (
    r"[µuμnmcdhkMGTP]?(?:Wh?|VAr?h?|Pa|A|V|Hz|g|L|l|m|s|J|N|bar|B|b|mol|t|eq)|°\s?[CF]?|º\s?C|[%‰€$£]|pp[mbt]|PSU|pH|lux|"
    r"EUR|USD|GBP|h|min|d|day|dia|ano|year|yr|mês|month|noite|night|hab\.?|p\.p\.|kn|ft|mi|ha|pp|"
    r"mph|kph|knots?|kts?|hrs?|days?|cfs|cms|NTU|psi|atm|mmHg|inHg|lx|dBA?|rpm|cal|kcal|lbs?|oz|gal|feet|met(?:re|er)s?|F"
)
_POWER = r"(?:\^?-?[1-3]|[⁻]?[¹²³])?"
_POWERED = re.compile(f"(?:{_PART}){_POWER}")


def unit_in(name: str) -> str | None:
    """Find the unit in a series name, in brackets or as a joined part.

    A joined part is what a field of units contributed to the name.
    """
    found = [each for each in _IN_BRACKETS.findall(name) if _is_whole(each)]
    if not found and JOIN in name:
        # A letter alone is more likely a class of something.
        found = [each for each in map(str.strip, name.split(JOIN)) if _is_whole(each) and not _is_letter(each)]
    return found[-1] if found else None


def _is_whole(text: str) -> bool:
    return len(text) <= LONGEST and composed(text)


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.isalpha()


def composed(text: str) -> bool:
    """Say whether a text is a unit, with prefixes, powers, and one unit for another."""
    if len(text) == 1 and text.isupper():  # a class or a column is as likely as amperes
        return False
    return is_unit(text) or all(_is_part(part.strip()) for part in re.split(r"[/·*\s]+", text))


def _is_part(text: str) -> bool:
    if is_unit(text):
        return True
    return _POWERED.fullmatch(text) is not None

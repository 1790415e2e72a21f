"""Tells the code page of a text by the words that it makes. Pure.

It is for what is not Unicode. One language has to explain every word with letters beyond ASCII; where none does,
nothing is told.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

_LATIN = (  # code page → the letters beyond ASCII of each language that it is used for
    (
        "windows-1252",
        (
            "áâãàçéêíóôõúü",
            "áéíñóúüïç",
            "àâæçéèêëîïôœùûüÿ",
            "äöüßé",
            "àèéìíîòóùú",
            "äáàëéèêïíöóôüúç",
            "åæøäöéèüóòôâê",
            "áðéíóúýþæö",
            "àáçèéíïòóúü",
        ),
    ),
    ("windows-1250", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ")),
    ("iso-8859-2", ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ")),
    ("windows-1254", ("çğıöşüâîûİi̇",)),
    ("windows-1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
)
_FINAL = "ךםןףץ"  # the Hebrew letters that stand at the ends of words alone, where Cyrillic has common ones
_OTHER = (
    ("windows-1255", "א", "ת"),
    ("windows-1251", "а", "я"),
    ("windows-1253", "α", "ω"),
)  # code page, first and last letter of its alphabet
_WIDE = (  # code page → what most of its characters are
    ("cp932", "CJK UNIFIED|HIRAGANA|KATAKANA|IDEOGRAPHIC|FULLWIDTH"),
    ("cp949", "HANGUL"),
    ("gb18030", "CJK UNIFIED|IDEOGRAPHIC|FULLWIDTH"),
)
_WORD = re.compile(rb"[A-Za-z\x80-\x90\x98-\x9f\xa1-\xff]+")  # without dashes, quotation marks and the hard blank
_WIDE_RUN = re.compile(r"[^\x00-\x7f]+")
_BESIDE = "°ºª²³¹µ€£§«»·±×©®¿¡½¼¾¢¥¤¬¦¨´¸™‰†‡…•"  # signs around words, which are no letters of them
_OFTEN_HEBREW = "ירשתח".encode("windows-1255")  # 29 of 100 letters of Hebrew; as `йшщъз` 4 of 100 of Russian
_SELDOM_CYRILLIC = 0.12  # chosen: between the two
_LEAST_HEBREW = 6  # words; chosen: so many Cyrillic ones have one of those letters within
_LEAST = 2  # different letters, or words, that tell a code page; chosen: one may be a foreign name
_MOST_WORDS = 20_000  # of one text; chosen: all of a usual file
_MOST_WIDE = 0.9  # of the characters, and of their runs; chosen: a few signs are of no alphabet


def told_code_page(content: bytes) -> str | None:
    """Return the code page that one language explains, None if unclear."""
    words = {word for word, _ in zip(_words(content), range(_MOST_WORDS), strict=False)}
    if len(words) < _LEAST:
        return None
    for name, alphabets in _LATIN:
        letters = _letters(words, name)
        if letters is not None and any(letters <= set(alphabet) for alphabet in alphabets):
            return name if name == "windows-1252" or len(letters) >= _LEAST else None
    wide = next((name for name, kinds in _WIDE if _is_wide(content, name, kinds)), None)
    return wide or next((name for name, first, last in _OTHER if _is_of_one(words, name, first, last)), None)


def _words(content: bytes) -> Iterator[bytes]:
    for match in _WORD.finditer(content):
        if not match[0].isascii():
            yield match[0]


def _letters(words: set[bytes], name: str) -> set[str] | None:
    """Return the letters beyond ASCII of words, None where a sign stands within one."""
    found: set[str] = set()
    for word in words:
        try:
            text = word.decode(name).strip(_BESIDE)
        except UnicodeDecodeError:
            return None
        if text and not text.isalpha():
            return None
        found.update(char for char in text.lower() if not char.isascii())
    return found


def _is_of_one(words: set[bytes], name: str, first: str, last: str) -> bool:
    """Check whether whole words are of an alphabet that shares no letter with ASCII."""
    ended = name != "windows-1255"
    for word in words:
        try:
            text = word.decode(name).strip(_BESIDE)
        except UnicodeDecodeError:
            return False
        if name == "windows-1255" and any(letter in text[:-1] for letter in _FINAL):
            return False
        ended = ended or text[-1:] in _FINAL
        if text != text.upper() and text[1:] != text[1:].lower():  # letters of another alphabet, read as this one
            return False
        plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
        if not all(first <= char <= last or char in "ёђѓєѕіїјљњћќўџґ" for char in plain):
            return False
    return ended and (name != "windows-1255" or (len(words) >= _LEAST_HEBREW and _is_hebrew(words)))


def _is_hebrew(words: Collection[bytes]) -> bool:
    """Check for many of the letters in whose places Russian has its seldom ones."""
    letters = b"".join(words)
    return sum(letters.count(letter) for letter in _OFTEN_HEBREW) > _SELDOM_CYRILLIC * len(letters)


def _is_wide(content: bytes, name: str, kinds: str) -> bool:
    """Check whether most characters are of a kind, apart from ASCII letters.

    Some of them stand together.
    """
    try:
        text = content[: content.rfind(b"\n") + 1 or len(content)].decode(name)
    except UnicodeDecodeError:
        return False
    runs = list(_WIDE_RUN.finditer(text))
    apart = [
        run
        for run in runs
        if not any(map(str.isalpha, text[max(0, run.start() - 1) : run.start()] + text[run.end() : run.end() + 1]))
    ]
    chars = "".join(run[0] for run in runs)
    right = sum(re.match(kinds, unicodedata.name(char, "")) is not None for char in chars)
    several = sum(len(run[0]) > 1 for run in apart)
    return several >= _LEAST and len(apart) >= _MOST_WIDE * len(runs) and right >= _MOST_WIDE * len(chars)

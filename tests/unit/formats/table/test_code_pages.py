"""Texts that are no Unicode are read by the code page whose words are those of a language."""

import io

import pytest

from slackwater.formats.table.reader import detect_encoding

TEXTS = {
    "windows-1252": (
        "Estação;Média do mês\nSão João;3\n",
        "Période;Nuitées\nGenève;2\n",
        "m³/s;µg/m³;°C;2.º T;W/m²K\n",
        "Côte d'Ivoire,Curaçao,Åland,España\n",  # of no one language
        "Perú;Genève\n",
        "Malmö;Tromsø;Århus\n",
    ),
    "windows-1250": ("Miesiąc;Turyści ogółem\n", "Čtvrtletí;Přenocování\n"),
    "iso-8859-2": ("Rok;Miesiąc;Ogółem\n",),
    "windows-1251": (
        "Месяц;Туристы\nянварь 2024;3\n",
        "шейх;заезд;щит\n",  # as Hebrew they were few words
        "знак;шейх;завод;щит;съезд;запас\n",  # with letters within that end its words
        "завод;щит;съезд;раз;газ;шар\n",  # none of which ends in one
        "дата;ввод;ток;вес;сброс;забор\n",
    ),
    "windows-1255": ("חודש,מדד\nינואר,1\nפברואר,2\nמרץ,3\nאפריל,4\n",),
    "windows-1253": ("Έτος;Μήνας;Αφίξεις\n",),
    "windows-1254": ("İstanbul;Muğla;Çorum;Düzce\n",),
    "windows-1257": ("Šiauliai;Panevėžys;Mažeikiai\n", "Mēnesis;Tūristi;Šogad;Ķekava\n"),
    "cp932": ("年,月,観測値\n東京,大阪,平均気温\n",),
    "cp949": ("시도별,품목별\n서울특별시,3\n",),
    "gb18030": ("年份,季度,游客人数\n北京,上海\n",),
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_words_tell_the_code_page(name: str, text: str) -> None:
    assert detect_encoding(io.BytesIO(text.encode(name))) == name

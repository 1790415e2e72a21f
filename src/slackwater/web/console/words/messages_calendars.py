"""Translates what discovery says of years in other calendars."""

MESSAGES = {
    "The years of {}, {} to {}, may be of {}, which is not read. Write the times in the Gregorian calendar, or give "
    "{}: {} if they are.": (
        "Os anos de {0}, {1} a {2}, podem ser de {3}, que não se lê. Escreva os tempos no calendário gregoriano, ou "
        "indique {4}: {5} se já o são."
    ),
    "the Solar Hijri or the Islamic calendar": "o calendário persa ou o islâmico",
    "the Buddhist calendar or that of Nepal": "o calendário budista ou o do Nepal",
    "The years of {}, {} to {}, may be of {}. Give {}: {}|{} for the Buddhist calendar of Thailand, or {} if they are "
    "of the Gregorian.": (
        "Os anos de {0}, {1} a {2}, podem ser de {3}. Indique {4}: {5}|{6} para o calendário budista da Tailândia, ou "
        "{7} se são do gregoriano."
    ),
    "column {} has times in the years of another calendar, such as {}; give date_format: {} if they are": (
        "a coluna {0} tem tempos nos anos de outro calendário, como {1}; indique date_format: {2} se o são"
    ),
    "the times in column {}, such as {}, can be months of years, or days of a year that is not said; give "
    "date_format: {} for months, or write the years of the days into the file": (
        "os tempos na coluna {0}, como {1}, podem ser meses de anos, ou dias de um ano que não se diz; indique "
        "date_format: {2} se são meses, ou escreva no ficheiro os anos dos dias"
    ),
    "column {} has numbers that run as times do, {}; give date_format: {} if they are counted so": (
        "a coluna {0} tem números que correm como os tempos, {1}; indique date_format: {2} se se contam assim"
    ),
    "the periods of a day in {} end with the number {}, but on {} with {}: they are of days of a zone whose clocks "
    "change then; give timezone": (
        "os períodos de um dia em {0} acabam no número {1}, mas em {2} no {3}: são de dias de um fuso cujos relógios "
        "mudam então; indique timezone"
    ),
}

"""The quality of a source's data."""

WORDS = {
    "tab.quality": ("Quality", "Qualidade"),
    "quality.rejected": ("Rejected", "Rejeitados"),
    "quality.rejected.hint": (
        "Rows and values that could not be understood",
        "Linhas e valores que não foi possível entender",
    ),
    "quality.unread": ("Rows without a point", "Linhas sem ponto"),
    "quality.unread.hint": ("Rows of the source that hold no value", "Linhas da origem que não têm valor"),
    "quality.overwritten": ("Duplicates", "Repetidos"),
    "quality.overwritten.hint": (
        "Points that one run gave twice for the same time, with another value",
        "Pontos que uma execução deu duas vezes para o mesmo momento, com outro valor",
    ),
    "quality.changed": ("Revised", "Revistos"),
    "quality.changed.hint": ("Values that the source has changed later", "Valores que a origem alterou mais tarde"),
    "quality.withdrawn": ("Withdrawn", "Retirados"),
    "quality.withdrawn.hint": ("Points that the source gives no more", "Pontos que a origem já não dá"),
    "quality.since": (
        "Added up over the last run, since {day}.|Added up over the last {n} runs, since {day}.",
        "Somado na última execução, desde {day}.|Somado nas últimas {n} execuções, desde {day}.",
    ),
    "quality.no_runs": ("It has not run yet.", "Ainda não foi executada."),
    "quality.no_points": ("There are no points yet.", "Ainda não há pontos."),
    "quality.complete": ("Completeness", "Completude"),
    "quality.cells.hour": ("Each cell is an hour (in UTC):", "Cada célula é uma hora (em UTC):"),
    "quality.cells.day": ("Each cell is a day (in UTC):", "Cada célula é um dia (em UTC):"),
    "quality.cells.week": ("Each cell is a week (in UTC):", "Cada célula é uma semana (em UTC):"),
    "quality.cells.month": ("Each cell is a month (in UTC):", "Cada célula é um mês (em UTC):"),
    "quality.cells.year": ("Each cell is a year (in UTC):", "Cada célula é um ano (em UTC):"),
    "quality.scale": ("from no points to as many as usual", "de nenhum ponto até tantos como é habitual"),
    "quality.share": ("{share} % · {points} points", "{share} % · {points} pontos"),
    "quality.step": ("usually {step} apart", "habitualmente de {step} em {step}"),
    "quality.strip": ("{empty} of {n} cells without points", "{empty} de {n} células sem pontos"),
    "quality.gaps": ("One gap|{n} gaps, the longest first", "Uma lacuna|{n} lacunas, a mais longa primeiro"),
    "quality.missing": ("about {n} points", "cerca de {n} pontos"),
    "quality.not_scanned": (
        "Gaps are looked for in a million points of a source; the strip shows them all the same.",
        "As lacunas são procuradas num milhão de pontos de uma fonte; a faixa mostra-as de qualquer modo.",
    ),
    "quality.jumps": (
        "One jump among the newest values|{n} jumps among the newest values, the largest first",
        "Um salto entre os valores mais recentes|{n} saltos entre os valores mais recentes, o maior primeiro",
    ),
    "quality.rejected_rows": ("Rejected rows", "Linhas rejeitadas"),
    "quality.row": ("Row and reason", "Linha e motivo"),
    "quality.none_rejected": ("The log shows none.", "O registo não mostra nenhuma."),
    "quality.unread_fields": ("Fields that are not read", "Campos que não são lidos"),
    "quality.add": ("Add as a series", "Acrescentar como série"),
    "quality.add_sure": (
        "“{name}” is analysed again with {field} as a further series. Its {points} points are deleted and read again.",
        "“{name}” é analisada de novo com {field} como mais uma série. Os seus {points} pontos são eliminados e lidos "
        "outra vez.",
    ),
    "quality.none_unread": ("All numbers that were seen are stored.", "Todos os números encontrados são guardados."),
}

"""The overview."""

WORDS = {
    "overview.all": ("Sources", "Fontes"),
    "overview.points_stored": ("Points stored", "Pontos guardados"),
    "overview.today": ("New points today", "Pontos novos hoje"),
    "overview.totals": ("Totals", "Totais"),
    "overview.search": ("Name, domain, address or id", "Nome, domínio, endereço ou identificador"),
    "overview.find": ("Search", "Pesquisar"),
    "overview.any": ("All", "Todos"),
    "overview.name": ("Name", "Nome"),
    "overview.status": ("Status", "Estado"),
    "overview.health": ("Health", "Saúde"),
    "overview.type": ("Source", "Fonte"),
    "overview.recent": ("Recent values", "Valores recentes"),
    "overview.points": ("Points", "Pontos"),
    "overview.data": ("Data from – to", "Dados de – até"),
    "overview.next": ("Next poll", "Próxima leitura"),
    "overview.act": ("Actions", "Ações"),
    "overview.running": ("Running", "Em execução"),
    "overview.due": ("Due now", "Agora"),
    "overview.stop": ("Stop {name}", "Parar {name}"),
    "overview.execute": ("Execute {name}", "Executar {name}"),
    "overview.found": ("{n} source|{n} sources", "{n} fonte|{n} fontes"),
    "overview.range": ("{first}–{last} of {total}", "{first}–{last} de {total}"),
    "overview.previous": ("Previous", "Anterior"),
    "overview.following": ("Next", "Seguinte"),
    "overview.pages": ("Pages", "Páginas"),
    "overview.list": ("Sources", "Fontes"),
    "overview.clear": ("Show all", "Mostrar todas"),
    "overview.nothing": ("Nothing matches", "Nada corresponde"),
    "overview.nothing_hint": (
        "No source matches this search and these filters.",
        "Nenhuma fonte corresponde a esta pesquisa e a estes filtros.",
    ),
    "overview.first": ("No sources yet", "Ainda não há fontes"),
    "overview.first_hint": (
        "Paste the address of an API, or drop a CSV or Excel file: Slackwater analyses it, shows what it detected, and "
        "follows it from then on.",
        "Cole o endereço de uma API ou largue um ficheiro CSV ou Excel: o Slackwater observa-o, mostra o que encontrou "
        "e passa a acompanhá-lo.",
    ),
    "overview.first_viewer": (
        "An admin can add the first one; it will show up here.",
        "Um administrador pode acrescentar a primeira; aparecerá aqui.",
    ),
    "overview.add": ("Add the first source", "Acrescentar a primeira fonte"),
    "overview.live": ("Live", "Em direto"),
}

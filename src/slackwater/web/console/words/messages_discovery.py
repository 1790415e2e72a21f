"""Translations of what the discovery of APIs says: reasons of findings, and questions."""

MESSAGES = {
    "The records are {}: {} in the first answer.": "Os registos são {0}: {1} na primeira resposta.",
    "The records are at {}: {} in the first answer.": "Os registos estão em {0}: {1} na primeira resposta.",
    "the answer itself": "a própria resposta",
    "`{}` is the time ({}).": "`{0}` é o tempo ({1}).",
    "`{}` is the time ({}), before {} that only repeat it or say less about it.": (
        "`{0}` é o tempo ({1}), de preferência a {2}, que só o repetem ou dizem menos."
    ),
    "`{}` is the time ({}), by the shape of the answer.": "`{0}` é o tempo ({1}), pela forma da resposta.",
    "{} together are the time ({}).": "{0} são em conjunto o tempo ({1}).",
    "{} is given as the time.": "{0} foi indicado como o tempo.",
    "It repeats the time or says less about it.": "Repete o tempo ou diz menos sobre ele.",
    "The times have the form {}, which is given.": "Os tempos têm a forma {0}, que foi indicada.",
    "The times have the form {}.": "Os tempos têm a forma {0}.",
    "{} holds numbers.": "{0} tem números.",
    "{} hold numbers.": "{0} têm números.",
    "{} names the series ({} in the sample).": "{0} dá nome às séries ({1} na amostra).",
    "{} name the series ({} in the sample).": "{0} dão nome às séries ({1} na amostra).",
    "{} may be another in what was not seen, so it names the series.": (
        "{0} pode ser outro no que não foi visto, por isso dá nome às séries."
    ),
    "The records come oldest first.": "Os registos vêm do mais antigo para o mais recente.",
    "The records come newest first.": "Os registos vêm do mais recente para o mais antigo.",
    "The records come in no order of time.": "Os registos vêm sem ordem no tempo.",
    "Within a series there is a point every {} (the median).": "Em cada série há um ponto a cada {0} (a mediana).",
    "second": "segundo",
    "minute": "minuto",
    "hour": "hora",
    "day": "dia",
    "week": "semana",
    "month": "mês",
    "quarter": "trimestre",
    "half year": "semestre",
    "year": "ano",
    "{} minutes": "{0} minutos",
    "{} seconds": "{0} segundos",
    "{} hours": "{0} horas",
    "{} days": "{0} dias",
    "{} months": "{0} meses",
    "{} years": "{0} anos",
    "Pages by {}: the second differs.": "Páginas por {0}: a segunda é diferente.",
    "the Link header": "o cabeçalho Link",
    "the URL at `{}`": "o URL em `{0}`",
    "Pages by the token at `{}`, which `{}` takes: the second page differs.": (
        "Páginas pelo código em `{0}`, que `{1}` recebe: a segunda página é diferente."
    ),
    "Pages by {}: the second is empty.": "Páginas por {0}: a segunda está vazia.",
    "Pages by the token at `{}`, which `{}` takes: the second page is empty.": (
        "Páginas pelo código em `{0}`, que `{1}` recebe: a segunda página está vazia."
    ),
    "in its Link header that there is a next page": "no cabeçalho Link que há uma página seguinte",
    "Pages by `{}`, which takes `{}` of the last record: the second page differs.": (
        "Páginas por `{0}`, que recebe `{1}` do último registo: a segunda página é diferente."
    ),
    "Pages by `{}`, the number of records to skip: the second differs.": (
        "Páginas por `{0}`, o número de registos a saltar: a segunda é diferente."
    ),
    "Pages by `{}`, counted from {}: the second differs.": (
        "Páginas por `{0}`, contadas a partir de {1}: a segunda é diferente."
    ),
    "source_config says that there is one page only.": "A configuração diz que só há uma página.",
    "paging is {}, but no second page was found in that way. Correct paging or page_param, or leave them out.": (
        "paging é {0}, mas não se encontrou uma segunda página dessa forma. Corrija paging ou page_param, ou não os "
        "indique."
    ),
    "page_param is {}, but the source gives no second page by it. Correct page_param, or leave it out.": (
        "page_param é {0}, mas a origem não dá uma segunda página com ele. Corrija page_param, ou não o indique."
    ),
    "`{}` sets the page size; {} were requested, {} came.": (
        "`{0}` define o tamanho da página; pedem-se {1}, vieram {2}."
    ),
    "No second page came. If it holds more than the {} records it gave, the others cannot be reached.": (
        "Não veio uma segunda página. Se tiver mais do que os {0} registos que deu, os outros não são alcançáveis."
    ),
    "No second page was found. If it holds more than the {} records it gave, the others cannot be reached.": (
        "Não se encontrou uma segunda página. Se tiver mais do que os {0} registos que deu, os outros não se alcançam."
    ),
    "No second page came.": "Não veio uma segunda página.",
    "No second page was found.": "Não se encontrou uma segunda página.",
    "No second page was found; all records come in one answer.": (
        "Não se encontrou uma segunda página; todos os registos vêm numa resposta."
    ),
    "The source says {}, but {} records came and no second page was found. Give page_param, the parameter that says "
    "which page, with paging (offset, page or cursor), or set paging to none if these are all.": (
        "A origem diz {0}, mas vieram {1} registos e não se encontrou uma segunda página. Indique page_param, o "
        "parâmetro da página, com paging (offset, page ou cursor), ou ponha paging em none se estes são todos."
    ),
    "Just {} records came, of {} to {}, and no second page was found: if the source gives no more at once, "
    "what is older is missing. Give page_size_param, the parameter that says how many to give, or page_param, the one "
    "that says which page, or set paging to none if these are all.": (
        "Vieram só {0} registos, de {1} a {2}, e não se encontrou uma segunda página: se a origem não dá mais de uma "
        "vez, falta o que é mais antigo. Indique page_size_param, o parâmetro de quantos dar, ou page_param, o da "
        "página, ou ponha paging em none se estes são todos."
    ),
    "Just {} records came, the last of them of {}, and no second page was found: if the source gives no more at once, "
    "what is newer is missing. Give page_size_param, the parameter that says how many to give, or page_param, the one "
    "that says which page, or set paging to none if these are all.": (
        "Vieram só {0} registos, o último de {1}, e não se encontrou uma segunda página: se a origem não dá mais de "
        "uma vez, falta o que é mais recente. Indique page_size_param, o parâmetro de quantos dar, ou page_param, o da "
        "página, ou ponha paging em none se estes são todos."
    ),
    "The URL asks for {} records at most, and just so many came, the last of them of {}: what is newer would never "
    "come. Take the limit out of location, or set paging to none to keep to these.": (
        "O URL pede no máximo {0} registos, e vieram só esses, o último de {1}: o que é mais recente nunca viria. "
        "Retire o limite de location, ou ponha paging em none para ficar com estes."
    ),
    "{} records came, of {} to {}, and older ones, of {}, when names of time filters were tried: the source has more "
    "than it gives at once. Give time_filter, the names that request a time range, or page_param, the parameter that "
    "says which page, or set paging to none to keep to these.": (
        "Vieram {0} registos, de {1} a {2}, e mais antigos, de {3}, quando se tentaram nomes de filtros de tempo: a "
        "origem tem mais do que dá de uma vez. Indique time_filter, os nomes que pedem um intervalo de tempo, ou "
        "page_param, o parâmetro da página, ou ponha paging em none para ficar por estes."
    ),
    "The source requires a time range, and answers the one that was tried, but a part of it did not come as "
    "requested. Give time_filter, the names of the two parameters.": (
        "A origem pede um intervalo de tempo e responde ao que se tentou, mas uma parte não veio como pedida. Indique "
        "time_filter, os nomes dos dois parâmetros."
    ),
    "The answer and its URL have the shape of {}; what it is known for was tried first.": (
        "A resposta e o URL têm a forma de {0}; tentou-se primeiro o que se conhece."
    ),
    "The source's headers allow {}, {} of them left; when none is left, it is left alone until there are more.": (
        "Os cabeçalhos da origem permitem {0}, dos quais restam {1}; se não restar nenhum, espera-se até haver mais."
    ),
    "The source's headers allow {}; when none is left, it is left alone until there are more.": (
        "Os cabeçalhos da origem permitem {0}; quando não restar nenhum, espera-se até haver mais."
    ),
    "a limited number of requests": "um número limitado de pedidos",
    "Several lists in the source's answer could be the records: {}. Give records_path.": (
        "Várias listas na resposta da origem podem ser os registos: {0}. Indique records_path."
    ),
    "Each record is a row; {}.": "Cada registo é uma linha; {0}.",
    "Each record is a pair of a time and a value.": "Cada registo é um par de tempo e valor.",
    "The fields are lists of the same length, side by side.": "Os campos são listas do mesmo comprimento, lado a lado.",
    "Each record is kept under its time.": "Cada registo está sob o seu tempo.",
    "The answer is one reading.": "A resposta é uma só leitura.",
    "The time of all records stands once, beside their list.": (
        "O tempo de todos os registos está uma vez, ao lado da lista."
    ),
    "The answer is CSV; {}.": "A resposta é CSV; {0}.",
    "The answer is CoverageJSON.": "A resposta é CoverageJSON.",
    "The answer is a JSON-stat dataset.": "A resposta é um conjunto JSON-stat.",
    "The answer is an SDMX-JSON message.": "A resposta é uma mensagem SDMX-JSON.",
    "Each line of the answer is a record.": "Cada linha da resposta é um registo.",
    "the fields' names are at `{}`": "os nomes dos campos estão em `{0}`",
    "nothing names its fields": "nada dá nome aos campos",
    "a comment names its fields": "um comentário dá nome aos campos",
    "the first row names the fields": "a primeira linha dá nome aos campos",
    "The lists in `{}` are as long as a day has hours or parts of them, but numbers beside one another are no more "
    "alike than others: they may be of members, stations or classes. Give value_field if they are the values of each "
    "day in order, or records_path and the value_field of another number.": (
        "As listas em `{0}` são tão longas como as horas de um dia, ou as suas partes, mas os números vizinhos não são "
        "mais parecidos do que os outros: podem ser de membros, estações ou classes. Indique value_field se são os "
        "valores de cada dia por ordem, ou records_path e o value_field de outro número."
    ),
    "The lists in `{}` hold the {} values of a day each, but {}: they are days of a zone whose clocks change then. "
    "Give timezone.": (
        "Cada lista em `{0}` tem os {1} valores de um dia, menos {2}: são dias de um fuso cujos relógios mudam então. "
        "Indique timezone."
    ),
    "There is no list at records_path `{}` in the source's answer. Correct records_path.": (
        "Não há uma lista em records_path `{0}` na resposta da origem. Corrija records_path."
    ),
    "There is no list at records_path `{}` in the source's answer. It has lists at {}. Correct records_path.": (
        "Não há uma lista em records_path `{0}` na resposta da origem. Há listas em {1}. Corrija records_path."
    ),
    "The sample holds no record: {}. Give a location (or query_params) that answers with some data.": (
        "A amostra não tem registos: {0}. Indique um endereço (ou query_params) que responda com dados."
    ),
    "The sample holds no record: the source answered 204 (no content). Give another location.": (
        "A amostra não tem registos: a origem respondeu 204 (sem conteúdo). Indique outro endereço."
    ),
    "every list in the source's answer is empty": "todas as listas da resposta da origem estão vazias",
    "the list at `{}` is empty": "a lista em `{0}` está vazia",
    "the list is empty": "a lista está vazia",
    "The source's answer is neither a list nor an object. Give the URL of a JSON list in location.": (
        "A resposta da origem não é uma lista nem um objeto. Indique em location o URL de uma lista JSON."
    ),
    "The source's answer holds no list of objects; it has {}. Give the URL of a JSON list of objects in location, or "
    "its place in records_path.": (
        "A resposta da origem não tem uma lista de objetos; tem {0}. Indique em location o URL de uma lista JSON de "
        "objetos, ou o seu lugar em records_path."
    ),
    "The source's answer is not JSON ({}, it begins with {}), nor CSV, lines of JSON or XML. Give the URL of such a "
    "list in location.": (
        "A resposta da origem não é JSON ({0}, começa por {1}), nem CSV, linhas de JSON ou XML. Indique em location o "
        "URL de uma lista assim."
    ),
    "What can be given in source_config: {}.": "O que se pode indicar em source_config: {0}.",
    "Several records have the same {} and different values, and no field alone tells them apart{}. Give "
    "series_field, or query_params that select one series.": (
        "Vários registos têm o mesmo {0} e valores diferentes, e nenhum campo sozinho os distingue{1}. Indique "
        "series_field, ou query_params que escolham uma série."
    ),
    "No record has the field `{}`; they have {}. Correct {}.": (
        "Nenhum registo tem o campo `{0}`; têm {1}. Corrija {2}."
    ),
    "Both numbers of each record look like a time: `0`, `1`. Give date_field.": (
        "Os dois números de cada registo parecem um tempo: `0`, `1`. Indique date_field."
    ),
    "The numbers with units in {} are not understood: the unit is not known, or changes along the series. Give "
    "value_fields with those that are values, without them.": (
        "Os números com unidades em {0} não se compreendem: a unidade não é conhecida, ou muda ao longo da série. "
        "Indique value_fields com os que são valores, sem eles."
    ),
    "Other numbers of the source are not read: {}.": "Outros números da origem não são lidos: {0}.",
    "The values are in even steps from a beginning, given by {}.": (
        "Os valores estão a passos iguais de um início, dito por {0}."
    ),
    "The numbers are texts, filled up to three decimals with zeros.": (
        "Os números são textos, completados com zeros até três casas decimais."
    ),
    "No field of the records looks like a time; they have {}. Give date_field.": (
        "Nenhum campo dos registos parece um tempo; têm {0}. Indique date_field."
    ),
    "{} fields look like the time: {}. Give date_field.": "{0} campos parecem ser o tempo: {1}. Indique date_field.",
    "Two": "Dois",
    "Three": "Três",
    "The times in {} can be read as {} and as {}. Give date_format, or another date_field.": (
        "Os tempos em {0} podem ler-se como {1} e como {2}. Indique date_format, ou outro date_field."
    ),
    "The times in {} (such as {}) do not have the form {}. Correct date_format.": (
        "Os tempos em {0} (como {1}) não têm a forma {2}. Corrija date_format."
    ),
    "{} does not hold times that can be read (such as {}). Correct date_field.": (
        "{0} não tem tempos que se possam ler (como {1}). Corrija date_field."
    ),
    "source_config says that no time range can be requested.": (
        "A configuração diz que não se pode pedir um intervalo de tempo."
    ),
    "time_filter names {}, but a time range requested by them did not come. Correct time_filter, or give none to read "
    "the source whole.": (
        "time_filter indica {0}, mas o intervalo de tempo pedido com eles não veio. Corrija time_filter, ou indique "
        "none para ler a origem por inteiro."
    ),
    "`{}` may be the time of day of each record, or tell when something was on the day in `{}`, whose values these "
    "are. Give date_field with both for the first, with the day alone for the second.": (
        "`{0}` pode ser a hora de cada registo, ou dizer quando algo foi no dia de `{1}`, de que são estes valores. "
        "Indique date_field com ambos no primeiro caso, só com o dia no segundo."
    ),
    "The lines above the table say that times are in UTC, and in {}. Give timezone with one of them.": (
        "As linhas acima da tabela dizem que as horas são em UTC, e em {0}. Indique em timezone um dos dois."
    ),
    "The numbers may be multiplied by a power of ten, which is in `{}` ({}). They are read as they stand: give "
    "value_fields with those that are right so.": (
        "Os números podem estar multiplicados por uma potência de dez, que está em `{0}` ({1}). São lidos como estão: "
        "indique value_fields com os que assim estão certos."
    ),
    "The URL asks for {} alone by {}, and no parameters for a time range were found: other days would be missing. Give "
    "time_filter, the names of the two parameters, or set time_filter to none to keep to this.": (
        "O URL pede só {0} com {1}, e não se encontraram parâmetros para um intervalo de tempo: faltariam outros dias. "
        "Indique time_filter, os nomes dos dois parâmetros, ou ponha none em time_filter para ficar com isto."
    ),
    "The URL selects a part of the time by {}, and other records came for another one: what lies outside would be "
    "missing. Leave it out of location if the source gives all then, or set time_filter to none to keep to this "
    "part.": (
        "O URL escolhe uma parte do tempo com {0}, e vieram outros registos para outra: o que está fora dela faltaria. "
        "Retire-o de location se a origem der tudo então, ou ponha none em time_filter para ficar com esta parte."
    ),
    "The URL selects a time range by {}, and no other range came when it was requested: what lies outside would be "
    "missing. Leave it out of location, give time_filter with the names and a form that the source understands, or set "
    "time_filter to none to keep to this range.": (
        "O URL pede um intervalo de tempo com {0}, e nenhum outro intervalo veio quando foi pedido: o que fica fora "
        "faltaria. Retire-o de location, indique time_filter com os nomes e uma forma que a origem entenda, ou ponha "
        "time_filter a none para ficar com este intervalo."
    ),
    "The URL selects a fixed time range by {}, which could not be varied: nothing else is read. Leave it out of "
    "location, or correct it.": (
        "O URL pede com {0} um intervalo de tempo fixo, que não se conseguiu variar: nada mais é lido. Retire-o de "
        "location, ou corrija-o."
    ),
    "The sample's {} different times are too few to try a time range; it is read whole.": (
        "Os {0} tempos diferentes da amostra são poucos para experimentar um intervalo; é lida por inteiro."
    ),
    "No pair of parameters for a time range is honoured, and what came is of just the last {} days: if older records "
    "can be requested, they are missing. It is read whole each time.": (
        "Nenhum par de parâmetros para um intervalo de tempo é respeitado, e o que veio é só dos últimos {0} dias: se "
        "for possível pedir registos mais antigos, faltam. Lê-se por inteiro de cada vez."
    ),
    "No pair of parameters for a time range is honoured; it is read whole each time.": (
        "Nenhum par de parâmetros para um intervalo de tempo é respeitado; é lida por inteiro de cada vez."
    ),
    "`{}` selects what is newer ({}): requested from a moment inside the sample, the source gave {} records, none of "
    "them older, instead of {}. It honours no parameter for an end.": (
        "`{0}` escolhe o que é mais recente ({1}): pedido um momento dentro da amostra, a origem deu {2} registos, "
        "nenhum mais antigo, em vez de {3}. Não respeita nenhum parâmetro para o fim."
    ),
    "{} selects a time range ({}): asked for {}, the source gave {} records, all of them in it, instead of {}.": (
        "{0} escolhe um intervalo de tempo ({1}): pedido {2}, a origem deu {3} registos, todos nele, em vez de {4}."
    ),
    "{} select a time range ({}): asked for {}, the source gave {} records, all of them in it, instead of {}.": (
        "{0} escolhem um intervalo de tempo ({1}): pedido {2}, a origem deu {3} registos, todos nele, em vez de {4}."
    ),
    "`{}` and `{}`": "`{0}` e `{1}`",
    "one before the sample": "um antes da amostra",
    "one inside the sample": "um dentro da amostra",
    "At most {} are requested at once.": "Pedem-se no máximo {0} de cada vez.",
    "`{}` does not hold numbers (such as {}). Correct value_field.": (
        "`{0}` não tem números (como {1}). Corrija value_field."
    ),
    "No field of the records looks like a value; they have {}. Give value_field.": (
        "Nenhum campo dos registos parece um valor; têm {0}. Indique value_field."
    ),
    "No field of the records looks like a value; they have {}, of which {} look like identifiers or places. Give "
    "value_field.": (
        "Nenhum campo dos registos parece um valor; têm {0}, dos quais {1} parecem identificadores ou lugares. "
        "Indique value_field."
    ),
    "The marks of the numbers are given.": "Os sinais dos números foram indicados.",
    "`{}` shows what the mark means.": "`{0}` mostra o que significa o sinal.",
    "The numbers in `{}`, such as {}, may have decimals or thousands after the mark. Give decimal.": (
        "Os números em `{0}`, como {1}, podem ter decimais ou milhares depois do sinal. Indique decimal."
    ),
    "The numbers are texts with {}.": "Os números são textos com {0}.",
    "decimals after {}, thousands after {}": "decimais depois de {0}, milhares depois de {1}",
    "decimals after {}": "decimais depois de {0}",
    "The source says that {} is no value.": "A origem diz que {0} não é um valor.",
    "The times come in even steps without `{}`, and not with it: they are of UTC.": (
        "Os tempos vêm em passos iguais sem `{0}`, e não com ele: são de UTC."
    ),
    "`{}` says by how many minutes the times are off UTC, and not in which direction: {} may be {} or {}. Give "
    "date_field and date_format.": (
        "`{0}` diz quantos minutos os tempos distam de UTC, e não em que sentido: {1} pode ser {2} ou {3}. Indique "
        "date_field e date_format."
    ),
    "The times in {} stand twice in the hour in which clocks go back, and the rows are in no order, so nothing tells "
    "which of them is the first. Give query_params that sort the records by time, or date_field, a field with times "
    "of UTC or with offsets.": (
        "Os tempos em {0} estão duas vezes na hora em que os relógios atrasam, e as linhas não têm ordem, por isso "
        "nada diz qual deles é o primeiro. Indique query_params que ordenem os registos pelo tempo, ou date_field, "
        "um campo com tempos de UTC ou com desvios."
    ),
    "{} fields are called by their times, {} to {}.": "{0} campos têm tempos por nome, de {1} a {2}.",
    "The fields {} to {} are hours of the days in `{}`, and may be called by their beginnings or by their ends. Give "
    "date_field with both, and date_format: `#1h` at its end where the first begins at midnight, `%H` where it begins "
    "at one.": (
        "Os campos de {0} a {1} são horas dos dias em `{2}`, e podem ter por nome o seu início ou o seu fim. Indique "
        "date_field com os dois, e date_format: `#1h` no fim se a primeira começa à meia-noite, `%H` se começa à uma."
    ),
    "The fields {} to {} look like the periods of the days in `{}`. Give date_field with both, and date_format with "
    "how long a period is at its end, `#30m` or `#15m`; or value_fields if each is a series.": (
        "Os campos de {0} a {1} parecem os períodos dos dias em `{2}`. Indique date_field com os dois, e date_format "
        "com a duração de um período no fim, `#30m` ou `#15m`; ou value_fields se cada um for uma série."
    ),
    "`{}` says how far each time is from UTC.": "`{0}` diz a que distância de UTC está cada tempo.",
    "The times in {} stand twice in the hour in which clocks go back, and nowhere else, so they are local: clocks of "
    "{} did so. Give timezone.": (
        "Os tempos em {0} estão duas vezes na hora em que os relógios atrasam, e em mais nenhuma, por isso são locais: "
        "os relógios de {1} fizeram-no. Indique timezone."
    ),
    "{} is given as no value.": "{0} foi indicado como nenhum valor.",
    "{} stands where nothing was measured: all other numbers are far from it.": (
        "{0} está onde nada foi medido: todos os outros números estão longe dele."
    ),
    "{} seems to stand for no value, and may be measured as well. Give missing_values with the "
    "numbers that stand for no value, [] for none.": (
        "{0} parece estar no lugar de nenhum valor, e pode também ser uma medição. Indique missing_values "
        "com os números que não são valores, [] para nenhum."
    ),
    "The zone {} is given.": "O fuso {0} foi indicado.",
    "{}, which names no time zone for certain, and the times do not name theirs. Give timezone, such as "
    "Europe/Lisbon or +01:00.": (
        "{0}, que não dá um fuso horário certo, e os tempos não indicam o seu. Indique timezone, como Europe/Lisbon "
        "ou +01:00."
    ),
    "{} would name a series for almost each row ({} in {} rows), so it names events and no series. Give {}, or "
    "another {}.": (
        "{0} daria um nome de série a quase cada linha ({1} em {2} linhas), por isso dá nome a acontecimentos e não a "
        "séries. Indique {3}, ou outro {4}."
    ),
    "{} of {} times in {} are not understood, such as {}; their rows would be missing. Give {}, or another {}.": (
        "{0} de {1} tempos em {2} não se entendem, como {3}; as suas linhas faltariam. Indique {4}, ou outro {5}."
    ),
    "{} of {} rows with values have no time in {}; they would be missing. Give fill_down with it if the time above "
    "is theirs, or another {}.": (
        "{0} de {1} linhas com valores não têm tempo em {2}; faltariam. Indique fill_down com ele se o tempo acima é o "
        "seu, ou outro {3}."
    ),
    "The times in `{}`, such as {}, can be a {} by its number or a month. Give date_format.": (
        "Os tempos em `{0}`, como {1}, podem ser um número de {2} ou um mês. Indique date_format."
    ),
    "The source answered {}: it requires valid credentials. Give auth_type (api_key, bearer, basic or oauth2) with its "
    "credentials in source_config, or correct them.": (
        "A origem respondeu {0}: não dá acesso. Indique o tipo de autenticação (chave, token, utilizador ou OAuth "
        "2.0) e as credenciais, ou corrija-as."
    ),
    "The source answered {}: there is nothing at this address. Correct location.": (
        "A origem respondeu {0}: não há nada nesse endereço. Corrija o endereço."
    ),
    "The source answered {}. Correct location, or give the parameters that it needs in query_params.": (
        "A origem respondeu {0}. Corrija o endereço, ou indique em query_params os parâmetros de que precisa."
    ),
    "What was found does not stand the trial: {}": "O que foi encontrado não passa no ensaio: {0}",
}

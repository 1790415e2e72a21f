"""Translates file discovery: reasons of findings, questions, and counters."""

MESSAGES = {
    "column {} has years with decimals, {}; give date_format: decimal_month or decimal_day for the month or the day "
    "that each lies in, decimal_year for the instant itself": (
        "a coluna {0} tem anos com decimais, {1}; indique date_format: decimal_month ou decimal_day para o mês ou o "
        "dia em que cada um cai, decimal_year para o próprio instante"
    ),
    "the numbers below the times have the units {} behind them, or none, and not all the same; write the unit into a "
    "column of its own": (
        "os números debaixo dos tempos têm atrás as unidades {0}, ou nenhuma, e nem todas iguais; escreva a unidade "
        "numa coluna própria"
    ),
    "the numbers with units in column {} are not understood; give missing_values with the words among them, "
    "value_columns to do without them (with them where letters are thousands, millions and billions), or write the "
    "units into the header": (
        "os números com unidades na coluna {0} não se entendem; indique missing_values com as palavras entre eles, "
        "value_columns para passar sem eles (com eles onde as letras são milhares, milhões e mil milhões), ou escreva "
        "as unidades no cabeçalho"
    ),
    "{}-separated {}": "separado por {0}, {1}",
    "Found in {}: {} rows, {}; {}": "Encontrado em {0}: {1} linhas, {2}; {3}",
    "by its byte order mark, by which bytes it has, or by the words that they make": (
        "pela marca de ordem dos bytes, pelos bytes que tem ou pelas palavras que formam"
    ),
    "by its byte order mark, or by which bytes it has": "pela marca de ordem dos bytes, ou pelos bytes que tem",
    "it cuts most rows into the same number of cells": "corta a maioria das linhas no mesmo número de células",
    "the only one with a table": "a única com uma tabela",
    "{} sheets have a table of times and values: {}; give sheet_name": (
        "{0} folhas têm uma tabela de tempos e valores: {1}; indique sheet_name"
    ),
    "sheets {} have the same columns, and sheets {} have other tables; give sheet_name": (
        "as folhas {0} têm as mesmas colunas e as folhas {1} têm outras tabelas; indique sheet_name"
    ),
    "rows such as {} stand alone in column {}, and no time comes again below them: they may be sections or remarks. "
    "Give series_columns with 'section' if each is a series, [] for remarks": (
        "há linhas como {0} sozinhas na coluna {1} e nenhum tempo se repete por baixo delas: podem ser secções ou "
        "observações. Indique series_columns com 'section' se cada uma é uma série, [] se são observações"
    ),
    "column {} has {} beside local times in column {}: they may be the offsets of the times from UTC. Give "
    "time_columns with both, or time_column without them": (
        "a coluna {0} tem {1} ao lado de horas locais na coluna {2}: podem ser as diferenças das horas para UTC. "
        "Indique time_columns com ambas, ou time_column sem elas"
    ),
    "the {}s of each year in column {} begin with {} and end in another year: nothing tells which of them are of the "
    "year that stands there. Give time_columns if all are": (
        "as partes ({0}) de cada ano na coluna {1} começam por {2} e acabam noutro ano: nada diz quais delas são do "
        "ano que lá está. Indique time_columns se todas são"
    ),
    "no sheet has a column of times and a column of values; give sheet_name. {}": (
        "nenhuma folha tem uma coluna de tempos e uma de valores; indique sheet_name. {0}"
    ),
    "the columns are named in {}": "as colunas têm nome em {0}",
    "row {}": "linha {0}",
    "rows {} to {}": "linhas {0} a {1}",
    "no row of column names, so they are called {}": "sem linha de nomes das colunas, por isso chamam-se {0}",
    "data ends in row {}; below it is {}": "os dados acabam na linha {0}; por baixo está {1}",
    "the file is empty": "o ficheiro está vazio",
    "the first {} rows are blank": "as primeiras {0} linhas estão em branco",
    "the file has only one column, {}; a time series needs a column of times and one of values (is delimiter or "
    "header_row what it should be?)": (
        "o ficheiro só tem uma coluna, {0}; uma série precisa de uma coluna de tempos e de uma de valores (delimiter "
        "e header_row estão certos?)"
    ),
    "the file has only one column, {}; a time series needs two": (
        "o ficheiro só tem uma coluna, {0}; uma série precisa de duas"
    ),
    "the file has column names, but no row of data": "o ficheiro tem nomes de colunas, mas nenhuma linha de dados",
    "there is no row of data after the column names in row {}; give header_row": (
        "não há linha de dados depois dos nomes das colunas na linha {0}; indique header_row"
    ),
    "another table begins at row {}, below the one whose names are in row {}; give last_row, {} for the one above, or "
    "header_row, {} for the one below": (
        "outra tabela começa na linha {0}, por baixo da que tem os nomes na linha {1}; indique last_row, {2} para a de "
        "cima, ou header_row, {3} para a de baixo"
    ),
    "header_row is {}, but the file has only {} rows": "header_row é {0}, mas o ficheiro só tem {1} linhas",
    "the file has {} columns; {} are the most": "o ficheiro tem {0} colunas; o máximo são {1}",
    "{} {} is not in the file; there are {}": "{0} {1} não está no ficheiro; há {2}",
    "written as {}, such as {}": "escritos como {0}, como {1}",
    "the file says that its times are in {}": "o ficheiro diz que os seus tempos estão em {0}",
    "its cells fit the date_format {}": "as suas células têm a forma {0}",
    "a date and its hour in two columns": "uma data e a sua hora em duas colunas",
    "a date and its hour in two columns, which fit the date_format {} together": (
        "uma data e a sua hora em duas colunas, que em conjunto têm a forma {0}"
    ),
    "the year and the rest of the time are in columns of their own": (
        "o ano e o resto do tempo estão em colunas próprias"
    ),
    "date_format: {}": "date_format: {0}",
    "column {} holds times, such as {}": "a coluna {0} tem tempos, como {1}",
    "it holds times as well": "também tem tempos",
    "columns {} could each be the time; give time_column": (
        "qualquer das colunas {0} pode ser o tempo; indique time_column"
    ),
    "the times in column {} are not understood, or not all of one form: {}; give date_format, or time_column if "
    "another column is the time": (
        "os tempos na coluna {0} não se entendem, ou não têm todos a mesma forma: {1}; indique date_format, ou "
        "time_column se o tempo é outra coluna"
    ),
    "the times in column {} are not understood: {}; give date_format": (
        "os tempos na coluna {0} não se entendem: {1}; indique date_format"
    ),
    "the times in column {} can be read as {}, and no value tells which: {}; give date_format": (
        "os tempos na coluna {0} podem ler-se como {1}, e nenhum valor diz qual: {2}; indique date_format"
    ),
    "no column holds times that can be recognised; give time_column and date_format. There are {}": (
        "nenhuma coluna tem tempos que se reconheçam; indique time_column e date_format. Há {0}"
    ),
    "no column holds times that can be recognised; {}; give time_column and date_format. There are {}": (
        "nenhuma coluna tem tempos que se reconheçam; {0}; indique time_column e date_format. Há {1}"
    ),
    "column {} holds a {} without its year": "a coluna {0} tem um {1} sem o seu ano",
    "time column {} is empty; give another time_column": "a coluna do tempo {0} está vazia; indique outra time_column",
    "date_format {} fits no value of column {}, such as {}": (
        "date_format {0} não serve a nenhum valor da coluna {1}, como {2}"
    ),
    "column {} has periods of several lengths, {}, of which some begin together; give date_format: year, quarter or "
    "month for those of one length, period to keep them all in one series": (
        "a coluna {0} tem períodos de vários comprimentos, {1}, alguns com o mesmo início; indique date_format: year, "
        "quarter ou month para os de um comprimento, period para os guardar todos numa série"
    ),
    "column {} has dates beside texts such as {}: a spreadsheet has taken days for months in some of them; correct "
    "the column, or give date_format": (
        "a coluna {0} tem datas ao lado de textos como {1}: uma folha de cálculo trocou dias por meses em algumas; "
        "corrija a coluna, ou indique date_format"
    ),
    "column {} counts hours to 24, and nothing tells whether an hour is named by its beginning or its end; give "
    "date_format, {} %H for its end": (
        "a coluna {0} conta as horas até 24, e nada diz se uma hora tem o nome do seu início ou do seu fim; indique "
        "date_format, {1} %H para o fim"
    ),
    "column {} has times, and so have the headers {}; give layout: long if the rows are over time, wide if the "
    "headers are": (
        "a coluna {0} tem tempos, e os cabeçalhos {1} também; indique layout: long se as linhas são ao longo do tempo, "
        "wide se são os cabeçalhos"
    ),
    "column {} counts hours to 24, and nothing tells whether an hour is named by its beginning or its end; give "
    "date_format, {} for its beginning, {} for its end": (
        "a coluna {0} conta as horas até 24, e nada diz se uma hora tem o nome do seu início ou do seu fim; indique "
        "date_format, {1} para o início, {2} para o fim"
    ),
    "the numbers with units in column {} are not understood; give missing_values with the words among them, "
    "value_columns to do without them, or write the units into the header": (
        "os números com unidades na coluna {0} não são compreendidos; indique missing_values com as palavras que estão "
        "entre eles, value_columns para passar sem eles, ou escreva as unidades no cabeçalho"
    ),
    "{}, and row {} says the names of the columns again: below it may be another table. Give last_row, {} for the one "
    "above, or header_row, {} for the other": (
        "{0}, e a linha {1} repete os nomes das colunas: abaixo dela pode estar outra tabela. Indique last_row, {2} "
        "para a de cima, ou header_row, {3} para a outra"
    ),
    "the months across begin with {} and end in another year: nothing tells to which of the two column {} belongs. "
    "Give layout: wide if all months are of the year in their row, long for series, or put the months of each "
    "calendar year into one row": (
        "os meses na horizontal começam com {0} e acabam noutro ano: nada diz a qual dos dois pertence a coluna {1}. "
        "Indique layout: wide se todos os meses são do ano da sua linha, long para séries, ou ponha os meses de cada "
        "ano civil numa linha"
    ),
    "the header {} is written as the times beside it are, and is not understood: its numbers would be missing. Correct "
    "the headers, or give date_format": (
        "o cabeçalho {0} está escrito como os tempos ao lado e não é compreendido: os seus números faltariam. Corrija "
        "os cabeçalhos, ou indique date_format"
    ),
    "the headers name a {} without its year, and no column has the year; give time_column": (
        "os cabeçalhos indicam um {0} sem o seu ano, e nenhuma coluna tem o ano; indique time_column"
    ),
    "column {} has clocks, and each row has a date of its own in column {}: nothing tells whether they are the time of "
    "the row; give time_columns with both, or time_column with the date": (
        "a coluna {0} tem horas, e cada linha tem uma data própria na coluna {1}: nada diz se são o tempo da linha; "
        "indique time_columns com as duas, ou time_column com a data"
    ),
    "column {} has seasons or fiscal years, {}, and nothing tells on which day they begin; give date_format: {} to "
    "have each stand on the first day of its first year": (
        "a coluna {0} tem épocas ou anos fiscais, {1}, e nada diz em que dia começam; indique date_format: {2} para "
        "pôr cada um no primeiro dia do seu primeiro ano"
    ),
    "the headers are seasons or fiscal years, {}, and nothing tells on which day they begin; give date_format: {} to "
    "have each stand on the first day of its first year": (
        "os cabeçalhos são épocas ou anos fiscais, {0}, e nada diz em que dia começam; indique date_format: {1} para "
        "pôr cada um no primeiro dia do seu primeiro ano"
    ),
    "column {} has numbers of weeks, {}, and nothing tells whether these begin on Mondays, as ISO weeks do; give "
    "date_format: week for ISO weeks": (
        "a coluna {0} tem números de semanas, {1}, e nada diz se estas começam à segunda-feira, como as semanas ISO; "
        "indique date_format: week para semanas ISO"
    ),
    "another table begins at row {}, below the first one; give last_row, {} for the one above, or header_row, {} for "
    "the one below": (
        "outra tabela começa na linha {0}, abaixo da primeira; indique last_row, {1} para a de cima, ou header_row, "
        "{2} para a de baixo"
    ),
    "the columns are named {} to {} beside the rest of a time: they may be {}, or {} series; give layout: wide with "
    "time_columns and date_format, or layout: long": (
        "as colunas chamam-se {0} a {1} ao lado do resto de um tempo: podem ser {2}, ou {3} séries; indique layout: "
        "wide com time_columns e date_format, ou layout: long"
    ),
    "months": "meses",
    "quarters": "trimestres",
    "the days of the months": "os dias dos meses",
    "the minutes of the hours": "os minutos das horas",
    "the periods of the day": "os períodos do dia",
    "All records are of one hour, {}: {}, of the day in {}. Give date_field with both, and date_format: `%H` at its "
    "end for hours from 0 to 23, `#1h` for those from 1 to 24.": (
        "Todos os registos são de uma hora, {0}: {1}, do dia em {2}. Indique date_field com os dois, e date_format: "
        "`%H` no fim para horas de 0 a 23, `#1h` para as de 1 a 24."
    ),
    "The lists at {} within the records hold {} numbers, and what was found reads {} others. Give records_path with "
    "`*` for every record if these are the values, or value_field to keep what was found.": (
        "As listas em {0} dentro dos registos têm {1} números, e o que foi detetado lê outros {2}. Indique "
        "records_path com `*` para cada registo se estes são os valores, ou value_field para manter o que foi detetado."
    ),
    "The list at {} holds {} numbers, and what was found reads {} others, at {}. Give records_path with the place of "
    "the values.": (
        "A lista em {0} tem {1} números, e o que foi detetado lê outros {2}, em {3}. Indique records_path com o lugar "
        "dos valores."
    ),
    "The numbers in {} have decimals after a point, and those in {} after a comma. Give value_fields with those of one "
    "writing.": (
        "Os números em {0} têm casas decimais depois de um ponto, e os de {1} depois de uma vírgula. Indique "
        "value_fields com os de uma só escrita."
    ),
    "Records of one {} are told apart by {}, which looks like a part of the time and no name of a series; it is not "
    "understood how the two make a time. Give {}.": (
        "Os registos de um {0} distinguem-se por {1}, que parece parte do tempo e não nome de uma série; não se "
        "compreende como os dois formam um tempo. Indique {2}."
    ),
    "A column of values is called {}, which is a time and no name: data stands where the names of the columns should "
    "be. Give {}, and {}, or another address or row of names.": (
        "Uma coluna de valores chama-se {0}, que é um tempo e não um nome: há dados onde deviam estar os nomes das "
        "colunas. Indique {1}, e {2}, ou outro endereço ou linha de nomes."
    ),
    "The columns of values are called {}, {}…, which are times and no names of series; how they make a time with the "
    "rest is not understood. Give {} with those that are values.": (
        "As colunas de valores chamam-se {0}, {1}…, que são tempos e não nomes de séries; não se compreende como "
        "formam um tempo com o resto. Indique {2} com as que são valores."
    ),
    "{} headers are times, such as {}": "{0} cabeçalhos são tempos, como {1}",
    "the times are in the headers": "os tempos estão nos cabeçalhos",
    "the times are in the headers, the rest of them in {}": "os tempos estão nos cabeçalhos, o resto deles em {0}",
    "several rows would be one series, and no columns of text tell them apart; give series_columns. There are {}": (
        "várias linhas seriam uma série, e nenhuma coluna de texto as distingue; indique series_columns. Há {0}"
    ),
    "as few columns as tell the rows apart": "tão poucas colunas quantas distinguem as linhas",
    "as few columns as tell rows of the same time apart": "tão poucas colunas quantas distinguem linhas do mesmo tempo",
    "not needed to tell rows apart": "não é precisa para distinguir as linhas",
    "column {} is left out: its header is no time": "a coluna {0} fica de fora: o cabeçalho não é um tempo",
    "column {} is left out: it {}": "a coluna {0} fica de fora: {1}",
    "columns {} sum up the others": "as colunas {0} somam as outras",
    "rows whose time is {} sum up the others": "as linhas cujo tempo é {0} somam as outras",
    "holds no numbers": "não tem números",
    "holds a part of the time": "tem uma parte do tempo",
    "blank cells of {} mean what stands above them": "células em branco de {0} querem dizer o que está por cima",
    "no column holds numbers over time; give value_columns. There are {}": (
        "nenhuma coluna tem números ao longo do tempo; indique value_columns. Há {0}"
    ),
    "no column holds numbers over time; give value_columns. There are {}; of those {}": (
        "nenhuma coluna tem números ao longo do tempo; indique value_columns. Há {0}; destas {1}"
    ),
    "value column {} does not hold numbers: {}; give value_columns, or decimal and thousands": (
        "a coluna de valores {0} não tem números: {1}; indique value_columns, ou decimal e thousands"
    ),
    "these numbers are not stored: {}; give value_columns with all that are to be stored": (
        "estes números não são guardados: {0}; indique value_columns com todos os que devem ser guardados"
    ),
    "column {} repeats its times, up to {} rows for one": "a coluna {0} repete os tempos, até {1} linhas para um",
    "{}: the last row of each time is what is kept": "{0}: fica a última linha de cada tempo",
    "{}; does column {} name the series? Then give series_columns; otherwise give time_column {}, to keep the last "
    "row of each time": (
        "{0}; a coluna {1} dá nome às séries? Então indique series_columns; senão indique time_column {2}, para ficar "
        "com a última linha de cada tempo"
    ),
    "{}; a series needs one row for each time. Give series_columns, or time_column with another column, or with {} to "
    "keep the last row of each time": (
        "{0}; uma série precisa de uma linha para cada tempo. Indique series_columns, ou time_column com outra coluna, "
        "ou com {1} para ficar com a última linha de cada tempo"
    ),
    "{} stands where nothing was measured: all other numbers are far from it": (
        "{0} está onde nada foi medido: todos os outros números estão longe"
    ),
    "{} of numbers: {}": "{0} de números: {1}",
    "the header {} has {} beside a time that no other header has: its numbers may be of the series or not. Give "
    "layout: wide and value_columns with the columns to read": (
        "o cabeçalho {0} tem {1} ao lado de um tempo, o que nenhum outro tem: os seus números podem ser da série ou "
        "não. Indique layout: wide e value_columns com as colunas a ler"
    ),
    "decimal {}, thousands {}": "decimal {0}, milhares {1}",
    "decimal {}, thousands {}; decimal {}, thousands {}": "decimal {0}, milhares {1}; decimal {2}, milhares {3}",
    "the digits would fit it as well": "os algarismos também serviriam",
    "the numbers in column {}, such as {}, can be thousands or have three decimals, and nothing in the file tells "
    "which; give decimal": (
        "os números na coluna {0}, como {1}, podem ser milhares ou ter três decimais, e nada no ficheiro diz qual; "
        "indique decimal"
    ),
    "the numbers in column {} do not have one form: {}; give decimal, and thousands, for those that are meant": (
        "os números na coluna {0} não têm uma só forma: {1}; indique decimal, e thousands, para os que contam"
    ),
    "the workbook has no sheet with anything in it": "o livro não tem nenhuma folha com conteúdo",
    "the file is named as {}, but it is {}": "o ficheiro tem o nome de {0}, mas é {1}",
    "an Excel workbook or a ZIP archive": "um livro Excel ou um arquivo ZIP",
    "an Excel workbook or another Office document": "um livro Excel ou outro documento Office",
    "{} is no {} file; use source_type {}": "{0} não é um ficheiro {1}; use source_type {2}",
    "{}, such as {}": "{0}, como {1}",
    "{} (such as {})": "{0} (como {1})",
    "another column is likelier": "outra coluna é mais provável",
    "it is in another object than the field that is called the value": "está noutro objeto que não o do valor",
    "its numbers are times": "os seus números são tempos",
    "it repeats a part of the time": "repete uma parte do tempo",
    "part of the time": "parte do tempo",
    "it has decimals": "tem decimais",
    "its neighbours resemble each other": "os valores vizinhos são parecidos",
    "its name is of a quantity": "o nome é de uma quantidade",
    "its name has a unit": "o nome tem uma unidade",
    "its numbers begin with zeros": "os números começam por zeros",
    "its numbers are written as telephone numbers are": "os números estão escritos como números de telefone",
    "its name is of an identifier or a place": "o nome é de um identificador ou de um lugar",
    "its name is of no quantity": "o nome não é de uma quantidade",
    "its name is of a thing or a place": "o nome é de uma coisa ou de um lugar",
    "it is the same number in all rows": "é o mesmo número em todas as linhas",
    "it is the same whole number in all rows": "é o mesmo número inteiro em todas as linhas",
    "it never changes": "nunca muda",
    "it is a coordinate": "é uma coordenada",
    "it rises by one from row to row": "sobe um de linha para linha",
    "it only rises, mostly by one": "só sobe, quase sempre um",
    "its name is of a number": "o nome é de um número",
    "its name is of a row number or an order": "o nome é de um número de linha ou de uma ordem",
    "it has no name": "não tem nome",
    "it has no name and counts the rows": "não tem nome e conta as linhas",
    "it is only ever 0 or 1": "é sempre 0 ou 1",
    "its name is of the quality of measurements": "o seu nome é da qualidade de medições",
    "{} has numbers of different units, such as {}, and they would stand in one series. Write them in one unit, or "
    "give {} without it, or with it to keep them as they are, 12 % as 0.12.": (
        "{0} tem números de unidades diferentes, como {1}, que ficariam numa só série. Escreva-os numa só unidade, ou "
        "indique {2} sem ela, ou com ela para os manter como estão, 12 % como 0.12."
    ),
    "the times in {} differ, and each has values of its own beside it; one source reads those of one time. Give "
    "time_columns and value_columns of one of them, and add the file again for each other one": (
        "os tempos em {0} diferem, e cada um tem valores próprios ao lado; uma fonte lê os de um só tempo. Indique "
        "time_columns e value_columns de um deles, e acrescente o ficheiro outra vez para cada um dos outros"
    ),
    "column {} is the balance of all rows together, and {} would cut them into series. Give value_columns with it and "
    "the time again to keep the last balance of each time, or series_columns to cut them all the same": (
        "a coluna {0} é o saldo de todas as linhas em conjunto, e {1} cortá-las-ia em séries. Indique value_columns "
        "com ela e de novo o tempo para ficar com o último saldo de cada tempo, ou series_columns para as cortar"
    ),
    "the cells in column {}, such as {}, look like a number filled up with zeros and a code behind it, and not like "
    "decimals; give value_columns without it, or with it if they are decimals": (
        "as células na coluna {0}, como {1}, parecem um número completado com zeros e um código atrás, e não decimais; "
        "indique value_columns sem ela, ou com ela se são decimais"
    ),
    "the rows have {} columns with nothing but spaces between them, such as {}, which is not read; write a comma, a "
    "semicolon or a tab between the cells, as a spreadsheet does when it imports text of fixed width and saves it as "
    "CSV": (
        "as linhas têm {0} colunas só com espaços entre elas, como {1}, o que não se lê; escreva uma vírgula, um ponto "
        "e vírgula ou uma tabulação entre as células, como faz uma folha de cálculo que importa texto de largura fixa "
        "e o guarda como CSV"
    ),
    "the columns {} stand behind an empty one and end far above the others: they seem to be another table. Give "
    "value_columns of the one that is meant": (
        "as colunas {0} estão atrás de uma vazia e acabam muito acima das outras: parecem ser outra tabela. Indique "
        "value_columns da que se quer"
    ),
    "the columns {} have times of their own, other than those before them: they seem to be another table. Give "
    "time_column and value_columns of the one that is meant": (
        "as colunas {0} têm tempos próprios, diferentes dos que estão antes: parecem ser outra tabela. Indique "
        "time_column e value_columns da que se quer"
    ),
    "{} stand behind an empty column and end far above the others: they are another table": (
        "{0} estão atrás de uma coluna vazia e acabam muito acima das outras: são outra tabela"
    ),
    "the times in column {} run on only if those whose day is 12 or less have their day and month the other way round "
    "than {}: a spreadsheet may have taken days for months, as in {}. Correct the column, or give date_format": (
        "os tempos na coluna {0} só seguem a ordem se os que têm dia 12 ou menos tiverem o dia e o mês ao contrário de "
        "{1}: uma folha de cálculo pode ter tomado dias por meses, como em {2}. Corrija a coluna ou indique date_format"
    ),
    "the rows are named by the {} in column {}, and the headers are {}: together they may be the times. Give "
    "time_columns with date_format, or series_columns if they are series": (
        "as linhas têm o nome de {0} na coluna {1}, e os cabeçalhos são {2}: em conjunto podem ser os tempos. Indique "
        "time_columns com date_format, ou series_columns se são séries"
    ),
    "columns {} have the same time in their headers, and nothing tells their series apart; give value_columns with the "
    "columns to read, one for each time": (
        "as colunas {0} têm o mesmo tempo nos cabeçalhos, e nada distingue as séries; indique value_columns com as "
        "colunas a ler, uma para cada tempo"
    ),
    "its name is of a part of the time": "o nome é de uma parte do tempo",
}

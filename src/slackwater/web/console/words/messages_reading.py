"""Translations of what requests and reading say: connections, proxies, tokens, pages, records and tables."""

MESSAGES = {
    # connections and answers
    "Cannot connect to {}: {}.": "Não é possível ligar a {0}: {1}.",
    "Cannot connect to {} through the proxy {}: {}.": "Não é possível ligar a {0} pelo proxy {1}: {2}.",
    "Cannot connect to {}: the name {} cannot be resolved.": (
        "Não é possível ligar a {0}: o nome {1} não tem endereço conhecido."
    ),
    "Cannot connect to {} within {} seconds.": "Não foi possível ligar a {0} em {1} segundos.",
    "The checkpoint's page token cannot be used ({}). Delete the checkpoint.": (
        "A página no ponto de retoma não pode ser usada ({0}). Elimine o ponto de retoma."
    ),
    "connection refused": "a ligação foi recusada",
    "no answer": "não há resposta",
    "name or service not known": "o nome não tem endereço conhecido",
    "it was closed": "foi fechada",
    "no route to host": "não há caminho até lá",
    "network is unreachable": "a rede não é alcançável",
    "connection reset by peer": "a ligação foi cortada do outro lado",
    "its certificate is not valid: {}": "o certificado não é válido: {0}",
    "TLS failed: {}": "o TLS falhou: {0}",
    "The connection to {} is not open.": "A ligação a {0} não está aberta.",
    "{} closed the connection without an answer.": "{0} fechou a ligação sem responder.",
    "{} broke off its answer before its end.": "{0} interrompeu a resposta antes do fim.",
    "{} has sent nothing for {} seconds (timeout_seconds).": "{0} não envia nada há {1} segundos (timeout_seconds).",
    "{} has not finished its answer within {} seconds ({} times timeout_seconds).": (
        "{0} não acabou a resposta em {1} segundos ({2} vezes timeout_seconds)."
    ),
    "{} ended the TLS connection: {}.": "{0} terminou a ligação TLS: {1}.",
    "{} ended the TLS connection: {}; give client_certificate, or another one.": (
        "{0} terminou a ligação TLS: {1}; indique client_certificate, ou outro."
    ),
    "client_certificate {}.": "client_certificate: {0}.",
    "The answer of {} is not HTTP/1.1: {}.": "A resposta de {0} não é HTTP/1.1: {1}.",
    "The answer of {} cannot be read: {}.": "A resposta de {0} não se consegue ler: {1}.",
    "The answer of {} is larger than {} bytes; ask for smaller pages, or let an administrator raise "
    "SLACKWATER_MAX_ANSWER_BYTES.": (
        "A resposta de {0} tem mais de {1} bytes; peça páginas mais pequenas, ou peça a um administrador que aumente "
        "SLACKWATER_MAX_ANSWER_BYTES."
    ),
    "The answers that wrappers are fetching take more than {} bytes together; it is tried again.": (
        "As respostas que as fontes estão a receber ocupam em conjunto mais de {0} bytes; tenta-se de novo."
    ),
    "{} requests a pause of {} seconds.": "{0} pede que se espere {1} segundos.",
    "{} redirects more than {} times.": "{0} redireciona mais de {1} vezes.",
    "The proxy {} does not connect to {}: it answered {}.": "O proxy {0} não liga a {1}: respondeu {2}.",
    "The proxy {} speaks in the place of {}.": "O proxy {0} responde no lugar de {1}.",
    "The proxy {} answered 407: it asks for a name and a password, or for others; set SLACKWATER_PROXY.": (
        "O proxy {0} respondeu 407: pede um nome e uma palavra-passe, ou outros; defina SLACKWATER_PROXY."
    ),
    "Host {} is no public name; an administrator can allow it alone with SLACKWATER_PRIVATE_SOURCES={}.": (
        "O servidor {0} não é um nome público; um administrador pode permiti-lo só a ele com "
        "SLACKWATER_PRIVATE_SOURCES={1}."
    ),
    # what is asked
    "The request cannot be sent: the URL or a header (custom_headers, credentials) has a line break or another "
    "character that HTTP does not allow.": (
        "O pedido não pode ser enviado: o endereço ou um cabeçalho (custom_headers, credenciais) tem uma mudança de "
        "linha ou outro carácter que o HTTP não permite."
    ),
    "The method of a request must be one of {}.": "O método de um pedido tem de ser um de {0}.",
    "A request has {} headers of {} characters together; {} headers of {} are the most.": (
        "Um pedido tem {0} cabeçalhos com {1} caracteres em conjunto; o máximo são {2} cabeçalhos com {3}."
    ),
    "The URL of a request has {} characters; {} are the most.": (
        "O endereço de um pedido tem {0} caracteres; o máximo são {1}."
    ),
    "The URL of a request or redirect cannot be used: {}": (
        "O endereço de um pedido ou redirecionamento não se pode usar: {0}"
    ),
    "Only http:// and https:// URLs can be requested, not {}.": "Só se pode pedir a http:// e https://, não a {0}.",
    # tokens
    "{} gave no access_token that can be used (token_url).": (
        "{0} não deu um access_token que se possa usar (token_url)."
    ),
    "{} gave a token of the type {}; only bearer is spoken.": "{0} deu um token do tipo {1}; só se usa bearer.",
    "{} answered {} to the request for an access token.": "{0} respondeu {1} ao pedido de um token de acesso.",
    "{} answered {} to the request for an access token. Correct token_url, {} or client_auth.": (
        "{0} respondeu {1} ao pedido de um token de acesso. Corrija token_url, {2} ou client_auth."
    ),
    "{} answered {} to the request for an access token ({}). Correct token_url, {} or client_auth.": (
        "{0} respondeu {1} ao pedido de um token de acesso ({2}). Corrija token_url, {3} ou client_auth."
    ),
    # pages and records
    "The next page of the source is one that was read already ({}). Correct `pages` in the wrapper's code, or ask for "
    "shorter pages.": (
        "A página seguinte da fonte é uma que já foi lida ({0}). Corrija `pages` no código, ou peça páginas mais "
        "pequenas."
    ),
    "Two pages of the source hold the same records (again at {}): it does not honour the requested page. "
    "Correct `pages` in the wrapper's code.": (
        "Duas páginas da fonte têm os mesmos registos (de novo em {0}): ela não respeita a página pedida. Corrija "
        "`pages` no código."
    ),
    "The source says at `{}` that it holds {} records, but gives none after the first {}. Remove `total` from the "
    "{}(...) if it counts something else, or ask for shorter time windows.": (
        "A fonte diz em `{0}` que tem {1} registos, mas não dá nenhum depois dos primeiros {2}. Retire `total` de "
        "{3}(...) se conta outra coisa, ou peça intervalos de tempo mais curtos."
    ),
    "`{}` should be the URL of the next page, but it is {}.": (
        "`{0}` devia ser o endereço da página seguinte, mas é {1}."
    ),
    "`{}` should be the token of the next page, but it is {}.": (
        "`{0}` devia ser o token da página seguinte, mas é {1}."
    ),
    "`{}` gives the token of the page itself again; the source does not move.": (
        "`{0}` dá de novo o token da própria página; a fonte não avança."
    ),
    "`{}` should be the number of {}, but it is {}. Remove `{}`.": (
        "`{0}` devia ser o número de {1}, mas é {2}. Retire `{3}`."
    ),
    "The URL of the next page cannot be used: {} ({}).": "O endereço da página seguinte não se pode usar: {0} ({1}).",
    "The next page of the source is the page itself ({}); it does not move.": (
        "A página seguinte da fonte é a própria página ({0}); ela não avança."
    ),
    "The source's answer is not {}. Give records_path, the place of it in the answer.{}": (
        "A resposta da fonte não é {0}. Indique records_path, o lugar dela na resposta.{1}"
    ),
    "There is nothing at `{}` in the source's answer, where {} should be. Correct records_path.{}": (
        "Não há nada em `{0}` na resposta da fonte, onde devia estar {1}. Corrija records_path.{2}"
    ),
    "There is {} at `{}` in the source's answer, where {} should be. Correct records_path.{}": (
        "Há {0} em `{1}` na resposta da fonte, onde devia estar {2}. Corrija records_path.{3}"
    ),
    "No record has the field {}; correct date_field.{}": "Nenhum registo tem o campo {0}; corrija date_field.{1}",
    "No record has the field {}; correct series_field.{}": "Nenhum registo tem o campo {0}; corrija series_field.{1}",
    "No record has {}; correct value_field.{}": "Nenhum registo tem {0}; corrija value_field.{1}",
    "No record can be read, the first because {}. Correct the wrapper's fields.": (
        "Nenhum registo se consegue ler, o primeiro porque {0}. Corrija os campos."
    ),
    "Earlier: form {} is no form of a time.": "Earlier: form {0} não é uma forma de tempo.",
    "The source gives no more than {} records at once, and has as many of one moment: what is older cannot be "
    "requested. Give query_params that select fewer series.": (
        "A fonte não dá mais de {0} registos de cada vez, e tem outros tantos de um momento: o que é mais antigo não "
        "se pode pedir. Indique query_params que escolham menos séries."
    ),
    "The source gives no more than {} records at once, and has as many of one moment: the others of that moment "
    "cannot be requested. Give query_params that select fewer series, or page_param if it has pages.": (
        "A fonte não dá mais de {0} registos de cada vez, e tem outros tantos de um momento: os restantes desse "
        "momento não se podem pedir. Indique query_params que escolham menos séries, ou page_param se tem páginas."
    ),
    "The source has more than {} records in {}, and hands out no more than that to one question. Give query_params "
    "that select fewer series, a larger page_size, or page_param if it has pages.": (
        "A fonte tem mais de {0} registos em {1}, e não dá mais do que isso a um pedido. Indique query_params que "
        "escolham menos séries, um page_size maior, ou page_param se tem páginas."
    ),
    "{} of {} points have a time that stood in the file before, with another value. Give timezone if clocks go back in "
    "these times, series_columns if several series are read as one, or time_column to keep the last row of each time; "
    "then regenerate the wrapper.": (
        "{0} de {1} pontos têm um tempo que já estava no ficheiro, com outro valor. Indique timezone se os relógios "
        "recuam nestes tempos, series_columns se várias séries são lidas como uma, ou time_column para ficar com a "
        "última linha de cada tempo; depois regenere a fonte."
    ),
    "{} of {} points came again with another value: several series are read as one. Give series_field, the field that "
    "tells them apart, and regenerate the wrapper.": (
        "{0} de {1} pontos vieram de novo com outro valor: várias séries são lidas como uma. Indique series_field, o "
        "campo que as distingue, e regenere a fonte."
    ),
    "The answer lists addresses instead of data: {}. Give the one with the data in location.": (
        "A resposta lista endereços em vez de dados: {0}. Indique em location o que tem os dados."
    ),
    "The source answered with a message instead of data: “{}”. It is asked again later.": (
        "A fonte respondeu com uma mensagem em vez de dados: “{0}”. Pergunta-se de novo mais tarde."
    ),
    "The source answered with a message instead of data: “{}”. Correct location, or give what it asks for in "
    "query_params.": (
        "A fonte respondeu com uma mensagem em vez de dados: “{0}”. Corrija location, ou indique em query_params o que "
        "ela pede."
    ),
    "The source answered with a message instead of data: “{}”.": (
        "A fonte respondeu com uma mensagem em vez de dados: “{0}”."
    ),
    "The source answered with an error: “{}”. Correct body or location.": (
        "A fonte respondeu com um erro: “{0}”. Corrija body ou o endereço."
    ),
    "The source answered {}: it does not accept GET. Give body, the JSON to send by POST.": (
        "A fonte respondeu {0}: não se pede por GET. Indique body, o JSON com que se pede por POST."
    ),
    # time ranges
    "What the source gives depends on the requested range: at {} it gave another value or other times. Give "
    "align, the step in which it aggregates (such as PT1H), or none if that is no matter.": (
        "O que a fonte dá depende do intervalo pedido: em {0} deu outro valor ou outros tempos. Indique align, o passo "
        "em que agrega (como PT1H), ou none se isso não importa."
    ),
    "The source adds up days that begin at {} UTC. Give timezone, whose days they are, so that no day is cut.": (
        "A fonte soma dias que começam às {0} UTC. Indique timezone, de quem são os dias, para que nenhum seja cortado."
    ),
    "The records are in several time zones (`{}`), and their times do not name theirs. Select one zone with "
    "query_params, and give timezone.": (
        "Os registos estão em vários fusos horários (`{0}`), e os tempos não dizem qual. Escolha um fuso com "
        "query_params, e indique timezone."
    ),
    "The answer says both that its zone is {} and that it is {}, which are not the same. Give timezone.": (
        "A resposta diz que o fuso é {0} e que é {1}, que não são o mesmo. Indique timezone."
    ),
    # modules and files
    "The module does not define `wrapper`; add a line such as `wrapper = ApiWrapper(...)`.": (
        "O módulo não define `wrapper`; acrescente uma linha como `wrapper = ApiWrapper(...)`."
    ),
    "The uploaded file is gone from the disk. Upload it again and set file_id in source_config.": (
        "O ficheiro enviado já não está no disco. Envie-o de novo e defina file_id em source_config."
    ),
    "the workbook is protected by a password; upload it without one": (
        "o livro está protegido por palavra-passe; envie-o sem ela"
    ),
    "the file cannot be opened as an Excel workbook: it is damaged, or of another kind; open it in a spreadsheet "
    "program and save it as XLSX": (
        "o ficheiro não abre como livro do Excel: está danificado, ou é de outro tipo; abra-o numa folha de cálculo e "
        "guarde-o como XLSX"
    ),
    "the workbook is damaged: its ZIP directory cannot be read; save it again": (
        "o livro está danificado: o índice ZIP não se consegue ler; guarde-o de novo"
    ),
    "the workbook unpacks to {} MiB, more than the {} MiB allowed": (
        "o livro ocupa {0} MiB depois de aberto, mais do que os {1} MiB permitidos"
    ),
    "the workbook has no sheet {}; sheet_name can be one of {}": (
        "o livro não tem a folha {0}; sheet_name pode ser uma de {1}"
    ),
    "sheet {} cannot be read: it is damaged; open the workbook in a spreadsheet program and save it again": (
        "a folha {0} não se consegue ler: está danificada; abra o livro numa folha de cálculo e guarde-o de novo"
    ),
    "the file is {}, not a table; upload a CSV, XLSX or XLS file": (
        "o ficheiro é {0}, não uma tabela; envie um ficheiro CSV, XLSX ou XLS"
    ),
    "sheet_name {} was given, but the file is text and has no sheets; leave sheet_name out": (
        "foi indicado sheet_name {0}, mas o ficheiro é texto e não tem folhas; retire sheet_name"
    ),
    "line {} cannot be read as CSV ({}); look for a quotation mark that is never closed": (
        "a linha {0} não se consegue ler como CSV ({1}); procure umas aspas que nunca fecham"
    ),
    "lines {} to {} are read as one row: a quotation mark in line {} is out of place. Remove it, or close it in its "
    "line, and upload the file again": (
        "as linhas {0} a {1} são lidas como uma só: há aspas fora do lugar na linha {2}. Retire-as, ou feche-as na sua "
        "linha, e carregue o ficheiro outra vez"
    ),
    "lines {} to {} stand inside one quoted cell, and each looks like a row: a quotation mark in line {} is out of "
    "place. Remove it, or close it in its line, and upload the file again": (
        "as linhas {0} a {1} estão dentro de uma célula entre aspas, e cada uma parece uma linha da tabela: há umas "
        "aspas fora do lugar na linha {2}. Retire-as, ou feche-as na sua linha, e envie o ficheiro de novo"
    ),
    "header_row is {}, but the file ends before it": "header_row é {0}, mas o ficheiro acaba antes",
    "first_row is {}, but the column names end below it; give header_row too": (
        "first_row é {0}, mas os nomes das colunas acabam depois; indique também header_row"
    ),
    "layout is wide, but no two columns have a time in their header; there are {}": (
        "layout é wide, mas não há duas colunas com um tempo no cabeçalho; há {0}"
    ),
    "no two columns have a time in their header; there are {}": (
        "não há duas colunas com um tempo no cabeçalho; há {0}"
    ),
    "the cells under the times do not hold numbers: {}; give decimal and thousands, or layout: long": (
        "as células por baixo dos tempos não têm números: {0}; indique decimal e thousands, ou layout: long"
    ),
    "not one of the {} rows can be read; {}: {}": "nenhuma das {0} linhas se consegue ler; {1}: {2}",
    "the file has no {} column {}; it has {}": "o ficheiro não tem a coluna {1} ({0}); tem {2}",
    "the file has no column of numbers besides {}; give values": (
        "o ficheiro não tem nenhuma coluna de números além de {0}; indique values"
    ),
    # checkpoints, series and the service
    "version is {}, but the checkpoint has changed since and is at {}; GET it again, or leave version out to replace "
    "it whatever it is": (
        "version é {0}, mas o checkpoint mudou entretanto e está em {1}; obtenha-o de novo, ou retire version para o "
        "substituir seja qual for"
    ),
    "backfill_done must be true or false": "backfill_done tem de ser true ou false",
    "backfill_reason must be a text of at most {} characters": (
        "backfill_reason tem de ser um texto com {0} caracteres no máximo"
    ),
    "as_of {} lies before {}, from which on replaced values are kept; ask for a later moment. SLACKWATER_VINTAGE_DAYS "
    "sets how long they are kept": (
        "as_of {0} é anterior a {1}, a partir de quando se guardam os valores substituídos; peça um momento posterior. "
        "SLACKWATER_VINTAGE_DAYS define quanto tempo se guardam"
    ),
    "Resource {} shows the same data; delete that one first, or leave out data=true.": (
        "A série {0} mostra os mesmos dados; apague essa primeiro, ou retire data=true."
    ),
    "No process could be started: {}. It is tried again.": (
        "Não foi possível iniciar um processo: {0}. Tenta-se de novo."
    ),
    "The fork server could not be started; the service's error output says why.": (
        "O servidor de processos não arrancou; a saída de erros do serviço diz porquê."
    ),
    "The process that read the file does not end; try again.": (
        "O processo que leu o ficheiro não acaba; tente de novo."
    ),
    "generated_code must not have more than {} characters": "generated_code não pode ter mais de {0} caracteres",
    "generated_code is not Python: {}": "generated_code não é Python: {0}",
    "discovery {} is not known any more; discover the source again, or leave discovery out": (
        "a análise {0} já não é conhecida; analise a fonte de novo, ou retire discovery"
    ),
    "discovery is about another source_config; discover the source again, or leave discovery out": (
        "a análise é de outro source_config; analise a fonte de novo, ou retire discovery"
    ),
    "The file cannot be kept in the data directory: {}.": "O ficheiro não pode ser guardado na pasta de dados: {0}.",
    "Slackwater is starting or stopping; try again in a moment.": (
        "O Slackwater está a arrancar ou a parar; tente de novo dentro de momentos."
    ),
    "The store {} was removed or replaced while the service ran; what is written now would be lost. Stop the service, "
    "put the data directory back (slackwater restore), start it again.": (
        "A base de dados {0} foi removida ou substituída com o serviço a correr; o que se escrevesse agora perdia-se. "
        "Pare o serviço, reponha a pasta de dados (slackwater restore), e arranque-o de novo."
    ),
}

"""Translations of what lifecycle, requests and checks say."""

MESSAGES = {
    "Something went wrong inside Slackwater; its log says more under the reference {}.": (
        "Algo correu mal no Slackwater; o registo do serviço diz mais com a referência {0}."
    ),
    "the guard looks every {} s (no cgroup: {})": "o guarda verifica a cada {0} s (sem cgroup: {1})",
    "the guard looks every {} s (no cgroup: cgroup v2 has no controller for {} here)": (
        "o guarda verifica a cada {0} s (sem cgroup: aqui o cgroup v2 não tem controlador para {1})"
    ),
    "the guard looks every {} s (no cgroup: cgroup v2 is not there)": (
        "o guarda verifica a cada {0} s (sem cgroup: não há cgroup v2)"
    ),
    "the guard looks every {} s (no cgroup: other processes share the cgroup of the service)": (
        "o guarda verifica a cada {0} s (sem cgroup: outros processos partilham o do serviço)"
    ),
    "user id {}": "utilizador {0}",
    "a user id of its own": "um utilizador próprio",
    "the service's own user id, without capabilities": "o utilizador do serviço, sem privilégios",
    "the service is root and may not change its user": "o serviço é root e não pode mudar de utilizador",
    "only root may read it; modules cannot import what is not loaded yet": (
        "só root o pode ler; os módulos não podem importar o que ainda não está carregado"
    ),
    "the kernel offers no Landlock ({})": "o núcleo não oferece Landlock ({0})",
    "Landlock is refused ({})": "o Landlock é recusado ({0})",
    "the kernel refuses a system call filter ({})": "o núcleo recusa um filtro de chamadas ao sistema ({0})",
    "Landlock refuses TCP, nothing refuses other sockets": "o Landlock recusa TCP, nada recusa outros sockets",
    "Landlock ABI {} lets files be emptied, and no filter refuses it": (
        "o Landlock ABI {0} deixa esvaziar ficheiros, e nenhum filtro o recusa"
    ),
    "Landlock ABI {}; what it does not know is refused by seccomp: {}": (
        "Landlock ABI {0}; o que não conhece é recusado pelo seccomp: {1}"
    ),
    "Landlock ABI {}; it does not know {}": "Landlock ABI {0}; não conhece {1}",
    "resource {} created": "série {0} criada",
    "created; discovery of its source ({}) requested": "criada; análise da fonte ({0}) pedida",
    "discovery requested again": "nova análise pedida",
    "discovery started": "análise iniciada",
    "module ready": "módulo pronto",
    "the module is that of the discovery that was approved": "o módulo é o da análise que foi aprovada",
    "execution requested": "execução pedida",
    "poll requested": "consulta pedida",
    "stop requested": "paragem pedida",
    "stopped": "parada",
    "regeneration requested; data and checkpoint deleted": ("nova geração pedida; dados e ponto de retoma eliminados"),
    "data deleted with resource {}; checkpoint deleted": (
        "dados eliminados com a série {0}; ponto de retoma eliminado"
    ),
    "checkpoint deleted": "ponto de retoma eliminado",
    "checkpoint set by hand": "ponto de retoma definido à mão",
    "changed: {}": "alterado: {0}",
    "run interrupted: the service is stopping": "execução interrompida: o serviço está a parar",
    "resumed after a restart of the service": "retomada depois de o serviço reiniciar",
    "goes on elsewhere: node {} was lost": "continua noutro nó: perdeu-se o nó {0}",
    "its source was discovered again: nothing better was found": (
        "a fonte foi analisada de novo: não se encontrou nada melhor"
    ),
    "the source has changed; it was discovered again:": "a fonte mudou; foi analisada de novo:",
    "its source has changed; its module is a new one, see its log": ("a fonte mudou; o módulo é novo, veja o registo"),
    "back-fill done: {}": "histórico completo: {0}",
    "given up: {}": "desistiu: {0}",
    "failed, next try at {}: {}": "falhou, nova tentativa em {0}: {1}",
    "given up": "desistiu",
    "failed, next try at {}": "falhou, nova tentativa em {0}",
    "Run finished: {} new, {} changed, {} rejected points; {} requests in {} s.": (
        "Execução terminada: {0} pontos novos, {1} alterados, {2} rejeitados; {3} pedidos em {4} s."
    ),
    "Run finished: {} new, {} changed, {} rejected points; 1 request in {} s.": (
        "Execução terminada: {0} pontos novos, {1} alterados, {2} rejeitados; 1 pedido em {3} s."
    ),
    "The source gives the point at {} of series {} no more; its value {} stays stored. "
    "GET /resources/{id}/revisions lists it.": (
        "A fonte já não dá o ponto de {0} da série {1}; o seu valor {2} continua guardado. Veja Revisões."
    ),
    "The periodicity {} is kept as text, but names no period: the period that discovery infers is used. Set "
    "metadata.periodicity to a word such as Monthly or a duration such as P1M to decide otherwise.": (
        "A periodicidade {0} fica como texto, mas não designa um período: usa-se o que a análise deduz. Para decidir "
        "de outra forma, indique uma palavra como Mensal ou uma duração como P1M."
    ),
    "Wrapper executed successfully": "Executada com êxito",
    "Wrapper is executing": "Em execução",
    "Wrapper stopped successfully": "Parada com êxito",
    "Failed to stop wrapper": "Não foi possível parar a fonte",
    "Wrapper not found": "Fonte não encontrada",
    "Resource not found": "Série não encontrada",
    "Invalid resource ID": "Identificador de série inválido",
    "Run not found": "Execução não encontrada",
    "File not found": "Ficheiro não encontrado",
    "File not found: {}": "Ficheiro não encontrado: {0}",
    "Execution error: {}": "Erro de execução: {0}",
    "Stop error: {}": "Erro ao parar: {0}",
    "Invalid request: {}": "Pedido inválido: {0}",
    "Service unavailable: {}": "Serviço indisponível: {0}",
    "The place of uploaded files, {} (SLACKWATER_FILES_URL), cannot be written: {}.": (
        "O lugar dos ficheiros enviados, {0} (SLACKWATER_FILES_URL), não pode ser escrito: {1}."
    ),
    "The place of uploaded files, {} (SLACKWATER_FILES_URL), cannot be read: {}.": (
        "O lugar dos ficheiros enviados, {0} (SLACKWATER_FILES_URL), não pode ser lido: {1}."
    ),
    "The place of uploaded files, {} (SLACKWATER_FILES_URL), cannot be used: {}.": (
        "O lugar dos ficheiros enviados, {0} (SLACKWATER_FILES_URL), não pode ser usado: {1}."
    ),
    "The uploaded file {} is gone from {}. Upload it again and set file_id in source_config.": (
        "O ficheiro enviado {0} já não está em {1}. Envie-o de novo e defina file_id em source_config."
    ),
    "The uploaded file {} is kept at a URL, and SLACKWATER_FILES_URL is not set here; set it as it was when the file "
    "was uploaded.": (
        "O ficheiro enviado {0} está guardado num URL, e SLACKWATER_FILES_URL não está definido aqui; defina-o como "
        "estava quando o ficheiro foi enviado."
    ),
    "The bytes of {} in the database are not those that were uploaded ({}). Upload the file again": (
        "Os bytes de {0} na base de dados não são os que foram enviados ({1}). Envie o ficheiro de novo"
    ),
    "The bytes of {} at {} are not those that were uploaded ({}). Upload the file again": (
        "Os bytes de {0} em {1} não são os que foram enviados ({2}). Envie o ficheiro de novo"
    ),
    "No worker has the label {}; start one with {}.": "Nenhum executor tem o rótulo {0}; arranque um com {1}.",
    "No worker has the labels {}; start one with {}.": "Nenhum executor tem os rótulos {0}; arranque um com {1}.",
    "{} is no label: 1 to {} of the characters a-z, 0-9, . _ and -": (
        "{0} não é um rótulo: 1 a {1} dos caracteres a-z, 0-9, . _ e -"
    ),
    "these are {} labels, and {} are the most": "são {0} rótulos, e {1} é o máximo",
    "Public link not found": "Ligação pública não encontrada",
    "There are {} public links to it; revoke one first": "Há {0} ligações públicas; revogue uma primeiro",
    "Note not found": "Nota não encontrada",
    "There are {} notes; delete one first": "Há {0} notas; elimine uma primeiro",
    "View not found": "Vista não encontrada",
    "A source has at most {} tags": "Uma fonte tem no máximo {0} etiquetas",
    "There are {} saved views; delete one first": "Há {0} vistas guardadas; elimine uma primeiro",
    "Must not contain a comma, which stands between two tags": ("Não pode ter uma vírgula, que separa duas etiquetas"),
    "Wrapper has no code yet": "A fonte ainda não tem código",
    "Wrapper was stopped.": "Foi parada.",
    "Wrapper is {}; stop it first or wait a moment": "A fonte está em {0}; pare-a primeiro ou espere um momento",
    "The wrapper is executing; stop it first.": "A fonte está em execução; pare-a primeiro.",
    "The wrapper is {}; stop it first": "A fonte está em {0}; pare-a primeiro",
    "The wrapper could not be stopped in time; try again": "Não foi possível parar a tempo; tente de novo",
    "The wrapper was started again meanwhile; try once more": "A fonte foi entretanto reiniciada; tente de novo",
    "The wrapper did not finish: {}.": "A execução não chegou ao fim: {0}.",
    "The service is stopping; the run goes on at its next start.": (
        "O serviço está a parar; a execução continua no próximo arranque."
    ),
    "The service ended while it ran.": "O serviço terminou durante a execução.",
    "The service failed: {}": "O serviço falhou: {0}",
    "A process of it has not ended since the service was killed: the kernel does not let go of it (ps shows state D). "
    "It goes on when that process has ended; what it waits for has to come back, or the machine to be started anew.": (
        "Um processo desta fonte não terminou desde que o serviço foi morto: o núcleo do sistema não o larga (ps "
        "mostra o estado D). A fonte continua quando esse processo terminar; aquilo de que ele está à espera tem de "
        "voltar, ou a máquina de ser reiniciada."
    ),
    "source_config now names other data than the checkpoint is about; regenerate the wrapper, or delete its "
    "checkpoint to read the new source from the start": (
        "source_config indica agora outros dados que não os do ponto de retoma; gere a fonte de novo, ou elimine o "
        "ponto de retoma para ler a nova origem desde o início"
    ),
    "{} wait longer than {} seconds for a free slot: {} of {} are taken, {} by runs that make no progress. Set "
    "max_runs or stall_seconds.": (
        "{0} esperam há mais de {1} segundos por um lugar livre: {2} de {3} ocupados, {4} por execuções sem progresso. "
        "Defina max_runs ou stall_seconds."
    ),
    "It has waited for {} seconds for a free slot: {} runs go on, as many as may at once (max_runs).": (
        "Espera há {0} segundos por um lugar livre: há {1} execuções em curso, o máximo em simultâneo (max_runs)."
    ),
    "It has waited for {} seconds to be allowed to ask its host (host_connections).": (
        "Espera há {0} segundos por autorização para fazer pedidos ao servidor (host_connections)."
    ),
    "Its run has made no progress for {} seconds; after {} it is ended (stall_seconds).": (
        "A execução não progride há {0} segundos; ao fim de {1} é terminada (stall_seconds)."
    ),
    "The run made no progress for {} seconds, so it was ended (stall_seconds).": (
        "A execução não progrediu durante {0} segundos e foi terminada (stall_seconds)."
    ),
    "The run took more than {} seconds, so it was ended (run_seconds).": (
        "A execução demorou mais de {0} segundos e foi terminada (run_seconds)."
    ),
    "The source gives numbers in {}, which were not there when it was discovered; nothing of them is stored.": (
        "A origem dá números em {0}, que não existiam quando foi analisada; nada deles é guardado."
    ),
    "The source gives numbers in {}, which were not there when it was discovered; nothing of them is stored. "
    "Discover it again to add them.": (
        "A origem dá números em {0}, que não existiam quando foi analisada; nada deles é guardado. Analise-a de novo "
        "para os incluir."
    ),
    "The last run rejected {} of {} rows; its log names the first ones. Correct the fields of source_config, or the "
    "source.": (
        "A última execução rejeitou {0} de {1} linhas; o registo indica as primeiras. Corrija os campos de "
        "source_config ou a origem."
    ),
    "{} is no schedule; give a period (6h, Daily, P1D), or minute, hour, day, month and weekday of a cron "
    "expression with its time zone, such as 0 11 * * 1-5 Europe/Lisbon.": (
        "{0} não é um horário; indique um período (6h, Daily, P1D), ou minuto, hora, dia, mês e dia da semana de "
        "uma expressão cron com o fuso horário, por exemplo 0 11 * * 1-5 Europe/Lisbon."
    ),
    "{} is no cron expression ({}); its fields are minute, hour, day, month and weekday, such as 0 11 * * 1-5.": (
        "{0} não é uma expressão cron ({1}); os campos são minuto, hora, dia, mês e dia da semana, por exemplo "
        "0 11 * * 1-5."
    ),
    "{} names no moment that ever comes; correct its day or month.": (
        "{0} não indica nenhum momento que chegue a existir; corrija o dia ou o mês."
    ),
    "the source was read whole": "a origem foi lida por inteiro",
    "the source was read from its beginning on": "a origem foi lida desde o princípio",
    "the source says that there is nothing older": "a origem diz que não há nada mais antigo",
    "no data from {} to {}, so nothing older was requested": (
        "sem dados de {0} a {1}, por isso nada mais antigo foi pedido"
    ),
    "the source was read from {} on": "a origem foi lida a partir de {0}",
    "the source refuses what lies before {}: it answered {}": "a origem recusa o que é anterior a {0}: respondeu {1}",
    "the source refuses what lies before {}: {}": "a origem recusa o que é anterior a {0}: {1}",
    "nothing was requested, since the start, {}, had not come": (
        "nada foi pedido, porque o início, {0}, ainda não tinha chegado"
    ),
    "reached the start, {}": "chegou ao início, {0}",
    "read back to the first year of the calendar": "lida até ao primeiro ano do calendário",
    "file read to its end": "ficheiro lido até ao fim",
    "set by hand": "definido à mão",
    "The source does not answer: {}.": "A origem não responde: {0}.",
    "The source answered {} for {}. Check auth_type and the credentials in source_config.": (
        "A origem respondeu {0} em {1}. Verifique auth_type e as credenciais em source_config."
    ),
    "The source answered {} for {}. Check that the credentials in source_config may read this.": (
        "A origem respondeu {0} em {1}. Verifique se as credenciais em source_config permitem ler isto."
    ),
    "The source answered {} for {}. Check location in source_config.": (
        "A origem respondeu {0} em {1}. Verifique location em source_config."
    ),
    "The source answered {} for {}. It asks for fewer requests.": (
        "A origem respondeu {0} em {1}. Pede menos pedidos."
    ),
    "The source answered {} for {}.": "A origem respondeu {0} em {1}.",
    "The changed module does not stand the trial: {}": "O módulo alterado não passa no ensaio: {0}",
    "It has not come to an end within {} seconds.": "Não chegou ao fim em {0} segundos.",
    "Too many sources are being analysed already; try again in a moment.": (
        "Já há demasiadas fontes a ser analisadas; tente de novo daqui a pouco."
    ),
    "A process that analyses a source does not end; try again.": (
        "Um processo que analisava uma fonte não termina; tente de novo."
    ),
    "The store cannot be used right now: {}.": "A base de dados não pode ser usada agora: {0}.",
    "The store is closed; the service is stopping.": "A base de dados está fechada; o serviço está a parar.",
    "Nothing was found.": "Nada foi encontrado.",
    "Host {} is not a public address; an administrator can allow it alone with SLACKWATER_PRIVATE_SOURCES={}.": (
        "O servidor {0} não tem um endereço público; um administrador pode permiti-lo com "
        "SLACKWATER_PRIVATE_SOURCES={1}."
    ),
    "Host {} hands out the credentials of this machine; an administrator can allow the very address with "
    "SLACKWATER_PRIVATE_SOURCES.": (
        "O servidor {0} dá as credenciais desta máquina; um administrador pode permitir esse endereço com "
        "SLACKWATER_PRIVATE_SOURCES."
    ),
    "Host {} with port {} is this service itself, which wrappers may not reach.": (
        "O servidor {0} com a porta {1} é este próprio serviço, que as fontes não podem consultar."
    ),
    "{} redirects more than {} times.": "{0} redireciona mais de {1} vezes.",
    "{} has not finished its answer within {} seconds ({} times timeout_seconds).": (
        "{0} não terminou a resposta em {1} segundos ({2} vezes timeout_seconds)."
    ),
    "The URL of a request or redirect cannot be used: {}": (
        "O URL de um pedido ou redirecionamento não pode ser usado: {0}"
    ),
    "Only http:// and https:// URLs can be requested, not {}.": "Só se pode pedir http:// e https://, não {0}.",
    "location is not a URL: {}": "O endereço não é um URL: {0}",
    "location must be a URL that begins with http:// or https://": (
        "o endereço tem de ser um URL que comece por http:// ou https://"
    ),
    "Location must be a URL that begins with http:// or https://.": (
        "O endereço tem de ser um URL que comece por http:// ou https://."
    ),
    "Location must not contain credentials; use auth_type, username and password.": (
        "O endereço não pode conter credenciais; use auth_type, username e password."
    ),
    "{} is not an ISO 8601 date or time such as 1958-03-29": "{0} não é uma data ou hora ISO 8601 como 1958-03-29",
    "{} is not an ISO 8601 date or time such as 1958-03-29.": "{0} não é uma data ou hora ISO 8601 como 1958-03-29.",
    "{} is not an ISO 8601 duration such as P30D or PT6H.": "{0} não é uma duração ISO 8601 como P30D ou PT6H.",
    "{} is longer than 1,000 years.": "{0} é mais do que 1 000 anos.",
    "{} is not an IANA time zone such as Europe/Lisbon, nor an offset such as +01:00.": (
        "{0} não é um fuso horário IANA como Europe/Lisbon, nem um desvio como +01:00."
    ),
    "from must not be after to": "«De» não pode ser depois de «Até»",
    "Last_row {} is above first_row {}.": "last_row {0} está acima de first_row {1}.",
    "Time_column and time_columns name the same thing; give one of them.": (
        "time_column e time_columns são a mesma coisa; indique um deles."
    ),
    "{} is not an encoding such as utf-8 or windows-1252.": "{0} não é uma codificação como utf-8 ou windows-1252.",
    "Must not contain control characters such as U+{}.": "Não pode conter caracteres de controlo como U+{0}.",
    "generated_code is not Python: {} in line {}": "generated_code não é Python: {0} na linha {1}",
    "generated_code must define `wrapper`, for example `wrapper = ApiWrapper(...)`": (
        "generated_code tem de definir `wrapper`, por exemplo `wrapper = ApiWrapper(...)`"
    ),
    "The checkpoint's page token cannot be used ({}). Delete the checkpoint.": (
        "A marca de página do ponto de retoma não pode ser usada ({0}). Elimine o ponto de retoma."
    ),
    "The file is empty.": "O ficheiro está vazio.",
    "File cannot be used: {}.": "O ficheiro não pode ser usado: {0}.",
    "The file is larger than {} MiB.": "O ficheiro tem mais de {0} MiB.",
    "Only .csv, .xlsx and .xls files can be uploaded, not {}.": (
        "Só se podem carregar ficheiros .csv, .xlsx e .xls, não {0}."
    ),
    "{} is being read by wrapper {}; stop that wrapper first.": (
        "{0} está a ser lido pela fonte {1}; pare essa fonte primeiro."
    ),
    "{} cannot be used: {}. Upload a corrected file": "{0} não pode ser usado: {1}. Carregue um ficheiro corrigido",
    "There is nothing at {}; /docs shows what there is.": "Não há nada em {0}; /docs mostra o que há.",
    "This API key may only read; use one with the role admin.": (
        "Esta chave de API só pode ler; use uma com o papel admin."
    ),
    "covered must not reach into the future: what is not read yet would never be fetched": (
        "covered não pode chegar ao futuro: o que ainda não foi lido nunca seria pedido"
    ),
}

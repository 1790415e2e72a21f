"""Portuguese for what alerts say, and for what keeps them from being sent."""

MESSAGES = {
    "It has ended in `error`.": "Terminou em `error`.",
    "It is tried again.": "É tentada de novo.",
    "Its newest point is {} old; it was seen to be {} at most.": (
        "O ponto mais recente tem {0}; até agora tinha no máximo {1}."
    ),
    "Its last run rejected {} of {} rows; its log names the first.": (
        "A última execução rejeitou {0} de {1} linhas; o registo indica as primeiras."
    ),
    "Its source answers differently; its module was generated again, see its log.": (
        "A origem responde de outra forma; o módulo foi escrito de novo, veja o registo."
    ),
    "It works.": "Funciona.",
    "The receiver cannot be reached: {}.": "Não é possível chegar ao destinatário: {0}.",
    "The receiver answered {}.": "O destinatário respondeu {0}.",
    "The service did not take it within {} seconds.": "O serviço não a aceitou dentro de {0} segundos.",
    "The service did not take it; check the channel's address, credentials and reachability.": (
        "O serviço não a aceitou; verifique o endereço do canal, as credenciais e se é possível chegar lá."
    ),
    "Url cannot be used: it is no Apprise URL such as mailtos://user:password@example.org.": (
        "O endereço não pode ser usado: não é um URL do Apprise como mailtos://user:password@example.org."
    ),
    "url cannot be used: it is no Apprise URL such as mailtos://user:password@example.org.": (
        "O endereço não pode ser usado: não é um URL do Apprise como mailtos://user:password@example.org."
    ),
    "url cannot be used: a webhook has an address such as https://hooks.example.org/x.": (
        "O endereço não pode ser usado: um webhook tem um endereço como https://hooks.example.org/x."
    ),
    "{} is no time of day such as 07:30": "{0} não é uma hora do dia como 07:30",
    "{} is no time zone such as Europe/Lisbon.": "{0} não é um fuso horário como Europe/Lisbon.",
    "Channel not found": "Canal não encontrado",
    "Message not found": "Mensagem não encontrada",
    "Nothing is wrong with the source any more": "Já nada está errado com a fonte",
}

"""Portuguese for why a row was rejected, by the template of the reason."""

MESSAGES = {
    "{} is empty": "{0} está vazio",
    "{} {} does not fit {}": "{0} {1} não corresponde a {2}",
    "{} {} is not a number": "{0} {1} não é um número",
    "{} names no series": "{0} não indica nenhuma série",
    "{} cells where there are {} columns": "{0} células onde há {1} colunas",
    "`{}` is missing": "falta `{0}`",
    "`{}` is {}, which is not a time of the declared form": "`{0}` é {1}, que não é um tempo da forma declarada",
    "`{}` is {}, not {} as it was": "`{0}` é {1}, e não {2} como era",
    "`{}` is {}, which is not a number": "`{0}` é {1}, que não é um número",
    "`{}` is {}, which is not a finite number": "`{0}` é {1}, que não é um número finito",
    "`{}` lies in the hour that the clocks of {} repeat, and nothing tells which of the two it is": (
        "`{0}` fica na hora que os relógios de {1} repetem, e nada diz qual das duas é"
    ),
    "{} does not name a series": "{0} não indica uma série",
    "the value {} is not a finite number": "o valor {0} não é um número finito",
}
PLACES = {"row": "linha", "record": "registo"}

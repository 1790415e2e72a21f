"""Statuses, healths, kinds of source and phases of wrappers, as every page names them."""

WORDS = {
    "status.pending": ("Pending", "Pendente"),
    "status.generating": ("Generating", "A gerar"),
    "status.creating_resource": ("Creating resource", "A criar recurso"),
    "status.executing": ("Running", "Em execução"),
    "status.retrying": ("Retrying", "A repetir"),
    "status.stopped": ("Stopped", "Parado"),
    "status.completed": ("Completed", "Concluído"),
    "status.error": ("Error", "Erro"),
    "health.HEALTHY": ("Healthy", "Saudável"),
    "health.STALLED": ("Stalled", "Sem dados novos"),
    "health.DEGRADED": ("Degraded", "Degradado"),
    "health.CRASHED": ("Failing", "Com falhas"),
    "health.UNKNOWN": ("Unknown", "Desconhecido"),
    "phase.historical": ("Back-filling", "A recuperar histórico"),
    "phase.continuous": ("Up to date", "Atualizada"),
    "type.API": ("API", "API"),
    "type.CSV": ("CSV", "CSV"),
    "type.XLSX": ("Excel", "Excel"),
}

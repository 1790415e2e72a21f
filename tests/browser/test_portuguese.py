"""No English word is left on a page in Portuguese: a list of words that are on every English page, and on no other."""

import re

import pytest
from browsing import PHONE
from playwright.sync_api import Page, expect

from service import Service
from slackwater.model.instants import DAY, HOUR
from sources import Answer, Feed

ENGLISH = re.compile(
    r"\b(the|and|is|are|was|were|of|to|with|without|not|this|that|its|it|by|from|for|all|each|every|none|or|than|"
    r"newest|oldest|source|sources|field|values?|points?|time|times|series of|records?|rows?|columns?|page|pages|"
    r"answer|answered|give|given|correct|found|holds?|names?|stopped|running|failed|loaded|missing|settings|"
    r"checks?|now|next|last|first|state|health|delete|stop|search|show|new|old|day|month|year|hour|ago)\b",
    re.IGNORECASE,
)
# What is shown as it is: code, what a source or a person has named, and what says that it is English.
VISIBLE = """() => {
    const words = [];
    const own = 'code, pre, .mono, textarea, [lang=en], kbd, .source, .who, option, #wrapper-name, .brand, ' +
        'svg, .sample, .found-value input, .offer';
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const at = walk.currentNode.parentElement;
        if (!at.closest(own) && !at.closest('script, style')) words.push(walk.currentNode.textContent);
    }
    for (const each of document.querySelectorAll('[aria-label], [title], [placeholder]'))
        if (!each.closest(own))
            words.push(...['aria-label', 'title', 'placeholder'].map((name) => each.getAttribute(name) || ''));
    return words;
}"""
DAYS = "dia;nivel\n01/02/2024;1.5\n02/02/2024;1.7\n03/04/2024;2.5\n"
CSV = "mes;hotel;taxa\n2024-01;1250;3,5\n2024-02;1310;3,7\n2024-03;1402;4,1\n2024-04;1390;4,0\n"


def english(page: Page) -> list[str]:
    """Return the texts of a page that have an English word, without what stands in backticks or quotation marks."""
    # The phrase behind a status is the protocol's own: `404 Not Found`.
    # August is written `ago.`
    own = r"\d ago\. \d|`[^`]*`|“[^”]*”|'[^']*'|\(iso\)|https?://\S+|\b[45]\d\d( [A-Z][a-z]+)+|\w+_\w+|\{{2}\w+\}{2}"
    texts = (re.sub(own, "", text) for text in page.evaluate(VISIBLE))
    return sorted({" ".join(text.split()) for text in texts if ENGLISH.search(text)})


@pytest.fixture(scope="module")
def source_id(service: Service) -> str:
    lines = "".join(f"{1_700_000_000 + n * 3600},{n % 97 / 4}\n" for n in range(500))
    middle = lines.index("1700900000,")  # what stands at the end would be no row of the table
    lines = f"{lines[:middle]}1700900600,mau\n1700900700,pior\nontem,1\n{lines[middle:]}"
    file_id = service.upload("marés.csv", ("hora,nivel\n" + lines).encode())["file_id"]
    wrapper_id = service.generate("CSV", {"file_id": file_id}, name="Marés", unit="m", domain="Mar")
    service.caught_up(wrapper_id, within=60)
    return wrapper_id


@pytest.mark.long
def test_pages_of_what_there_is(visit, service, source_id):
    page = visit("/", language="pt")
    resource_id = service.wrapper(source_id)["resource_id"]
    for path in (
        "/",
        f"/wrappers/{source_id}",
        "/data",
        f"/data/{resource_id}",
        f"/data/{resource_id}/api",
        f"/compare?id={resource_id}",
        "/new",
        "/problems",
        "/console/alerts",
        "/console/audit",
        "/keys",
        "/console/nodes",
    ):
        page.goto(path)
        if "/wrappers/" in path or f"/data/{resource_id}" == path:
            expect(page.locator("#chart")).to_have_attribute("data-state", "ready")
        assert english(page) == [], path
    asks = service.upload("dias.csv", DAYS.encode())["file_id"]
    asked = service.generate("CSV", {"file_id": asks}, name="Dias")
    service.wait_for(asked, "error")
    page.goto(f"/wrappers/{asked}")
    expect(page.locator("#chart-waits")).to_contain_text("Ainda nada foi lido.")
    expect(page.locator("#error")).to_contain_text("dia/mês/ano ou mês/dia/ano")
    expect(page.locator("#log")).to_contain_text("ERROR - desistiu")
    assert page.locator("#chart:visible, .chart-bar:visible").count() == 0
    assert english(page) == []
    page.goto(f"/wrappers/{source_id}")
    expect(page.locator("#log")).to_contain_text("Execução terminada: 500 pontos novos")
    expect(page.locator("#log")).to_contain_text("rejeitada: linha ")
    assert english(page) == []
    for tab in ("runs", "revisions", "quality", "checkpoint"):
        page.locator(f"#tab-{tab}").click()
        page.locator(".beat").last.click()
        expect(page.locator("#run-detail .facts")).to_be_visible()
        if tab == "quality":
            expect(page.locator("#panel-quality .reason").first).to_contain_text("linha")
        assert english(page) == [], tab


@pytest.mark.long
def test_what_is_found_at_sources_and_what_is_asked(visit, source):
    daily = Feed.regular("2024-11-01T00:00:00Z", DAY, 300, series=("a", "b", "c"))
    hourly = Feed.regular("2024-11-01T00:00:00Z", HOUR, 900)
    paged = {"records": "items", "paging": "offset", "page_size": 100, "time_filter": ("from", "to")}
    places = [
        source.serve("/v1/paginas", hourly, **paged).url,
        source.serve("/v1/estacoes", daily, series_field="estacao").url,
        source.serve("/v1/fechada", daily, auth=("bearer", "x")).url,
        source.route("/v1/html", Answer(b"<html></html>", headers={"Content-Type": "text/html"})),
        source.route("/v1/nada", Answer({"error": "nada"}, 404)),
        source.route("/v1/vazia", Answer({"items": []})),
        source.route("/v1/textos", Answer([{"a": "x", "b": "y"}] * 5)),
        "http://127.0.0.1:9/nada",
    ]
    page = visit("/new", language="pt", viewport=PHONE)
    for place in places:
        page.locator("#location").fill(place)
        page.locator("#look").click()
        expect(page.locator("#found > *").first).to_be_visible()
        expect(page.locator("#looking")).to_be_hidden()
        assert english(page) == [], place


@pytest.mark.long
def test_what_is_found_in_files(visit):
    page = visit("/new", language="pt")
    for name, text in (("meses.csv", CSV), ("dias.csv", DAYS)):
        page.goto("/new")
        page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})
        expect(page.locator("#found section").first).to_be_visible()
        assert english(page) == [], name


def test_what_the_service_answers_to_a_script(visit, source_id, watch):
    watch.expected.append("422")
    page = visit(f"/wrappers/{source_id}#settings", language="pt")
    page.evaluate("slackwater.toast('Stop error: Wrapper not found', true)")
    expect(page.locator("#toasts")).to_contain_text("Erro ao parar: Fonte não encontrada")
    page.locator("#metadata-periodicity").fill("")
    page.locator("#unset > summary").click()
    page.locator("#config-stall_seconds").fill("-4")
    page.locator("#settings [type=submit]").click()
    expect(page.locator("#config-stall_seconds-error")).not_to_be_empty()
    expect(page.locator("#config-stall_seconds-error")).to_have_text("Escreva 0 ou mais.")
    assert english(page) == []

import pytest

from slackwater.errors import Refused, Transient
from slackwater.formats.payload.notes import error_in, means_no_data, note_in, passing_note, refusal

LIMIT = "Thank you for using Alpha Vantage! Our standard API call frequency is 5 calls per minute."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"Note": LIMIT}, LIMIT),
        ({"Information": "The **demo** API key is for demo purposes only."}, "demo purposes"),
        ({"Error Message": "Invalid API call."}, "Invalid API call."),
        ({"error": "Invalid key"}, "Invalid key"),
        ({"error": {"code": 17, "message": "User request limit reached"}}, "User request limit reached"),
        ({"status": "error", "message": "You have exceeded your quota", "code": 429}, "exceeded your quota"),
        ({"status": "error", "data": "Over quota"}, "Over quota"),
        ({"success": False, "error": {"code": 104, "info": "Your monthly usage limit has been reached."}}, "monthly"),
        ({"error": True, "reason": "Parameter 'latitude' must be given"}, "latitude"),
        ({"cod": "401", "code": 401, "message": "Invalid API key."}, "Invalid API key."),
        ([{"message": [{"id": "120", "key": "Invalid value", "value": "The parameter is not valid"}]}], "not valid"),
        (["Rate limit exceeded"], "Rate limit exceeded"),
        ("Service is down for maintenance", "maintenance"),
        ("<html><title>503 Busy</title><style>p {}</style><p>Please try&nbsp;later</p></html>", "503 Busy Please try"),
    ],
)
def test_an_answer_of_words_alone_is_a_note(body, words):
    assert words in note_in(body)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"results": []},
        {"items": [], "message": ""},
        {"status": "ok", "data": []},
        {"message": "No data available for the period"},
        {"error": "Sem dados para o período"},
        {"time": "2024-01-01T00:00:00Z", "value": 5.5, "station": "North of the river"},
        {"time": "2024-01-01T00:00:00Z", "value": "5.5", "note": "Gauge cleaned this morning"},
        {"2024-01-01": {"USD": 1.1}},
        [{"when": "2024-01-01", "value": 5.5}],
        "No data found.",
    ],
)
def test_data_and_the_lack_of_it_are_no_notes(body):
    assert note_in(body) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"data": [], "error": "Rate limit exceeded"}, "Rate limit exceeded"),
        ({"data": None, "errors": ["Bad token"]}, "Bad token"),
        ({"data": [], "status": "error"}, "status: error"),
        ({"data": [], "status": "failed", "msg": "Backend gone"}, "Backend gone"),
        ({"data": None, "code": 500, "msg": "Backend gone"}, "Backend gone"),
        ({"meta": {"code": "429", "message": "Slow down"}, "results": []}, "Slow down"),
        ({"items": [], "message": "Daily limit exceeded"}, "Daily limit exceeded"),
        ({"data": [], "errcode": 0, "errmsg": "Successful"}, None),
        ({"data": [], "errorMessage": "OK, all well"}, None),
        ({"data": [], "code": 404, "message": "No data for this day"}, None),
        ({"data": None, "code": 200, "msg": "Query was answered"}, None),
        ({"meta": {"status": "ok", "count": 0}, "results": []}, None),
        ({"items": [], "message": "Nothing here yet, try again later"}, None),
        ({"data": [], "error": None, "message": "All went well today"}, None),
        ({"data": [], "error": "", "status": "ok"}, None),
        ({"data": [], "error": "no records found"}, None),
        ({"data": [], "success": False}, None),
        ({"data": [], "Note": "Data by the weather office"}, None),
    ],
)
def test_beside_an_empty_list_an_error_alone_counts(body, words):
    assert error_in(body) == words


def test_what_passes_is_told_from_what_a_person_has_to_see_to():
    assert passing_note({"Note": LIMIT})
    assert passing_note({"message": "Serviço em manutenção, tente mais tarde"})
    assert passing_note({"error": "Invalid key"}) is None
    assert passing_note({"rate": 5, "message": "rate limit"}) is None
    assert isinstance(refusal(LIMIT), Transient)
    assert isinstance(refusal("Invalid key"), Refused)


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        ("Range Limit Exceeded: The data retrieval is limited to 31 days.", False),
        ("Rows limit reached for your API key", True),
        ("Rows limit reached; resets at 00:00", True),
        ("Too many results requested, slow down", True),
        ("Too many results requested in a short time", True),
        ("Usage for this period exceeds your allowance, try again later", True),
        ("The server is busy: the query window exceeds capacity, try again later", True),
        ("The query window exceeds what our overloaded server can answer", True),
        ("Too many rows for the key station_id: try again with a shorter range", False),
        ("The row limit was exceeded, choose a shorter period.", False),
        ("The requested time range exceeds the limit of 31 days", False),
        ("Result exceeds the limit of 5,000 rows. Please try again with a shorter period.", False),
        ("Too many data points: 20000 > 11000", False),
        ("You exceeded your limit of 1000 records per day", True),
        ("Daily record limit reached", True),
        ("Size limit exceeded, try again later", True),
        ("Rate limit exceeded", True),
        ("API call limit reached for this hour", True),
    ],
)
def test_what_is_too_much_for_one_answer_is_not_asked_for_again(words, passes):
    assert isinstance(refusal(words), Transient if passes else Refused)
    assert not means_no_data(f"{words} No data returned.")


def test_a_source_that_is_closed_does_not_say_that_it_is_empty():
    assert means_no_data("No data for this station")
    assert not means_no_data("You have no access to data of this station")
    assert not means_no_data("Daily limit reached, no data returned")

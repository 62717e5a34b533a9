"""What came in comes out: unknown extensions, decimals to the last digit, order, text of all languages."""

from __future__ import annotations

import base64
import json
import re
from decimal import Decimal
from typing import Any

DECIMALS = ("1.50", "0.00", "-0.0", "100.000", "0.000001", "12345678901234567890.12345678901234567890", "7", "-3.10")
"""Each comes back in the very digits in which it was sent."""


def _plan(reference: str) -> str:
    text = '"Überprüfung – 薬 \U0001f48a \\"quoted\\" \\\\"'
    activity = (
        '{"detail":{"status":"not-started","description":' + text + ',"dailyAmount":{"value":NUMBER,"unit":"mg"},'
        '"_description":{"extension":[{"url":"https://supplier.example/why","valueDecimal":NUMBER}]}}}'
    )
    activities = ",".join(activity.replace("NUMBER", number) for number in DECIMALS)
    return (
        '{"resourceType":"CarePlan","intent":"plan","status":"active","_status":{"id":"s1"},'
        '"extension":[{"url":"https://supplier.example/z","extension":[{"url":"b","valueInteger":2147483647},'
        '{"url":"a","valueDecimal":1.0}]}],"title":"a\\u00e9\\tb\\nc","activity":['
        + activities
        + '],"subject":{"reference":"'
        + reference
        + '"}}'
    )


def _without_meta(text: str) -> str:
    """The text without what the server puts in: id, meta."""
    text = re.sub(r'"id":"[0-9a-f-]{36}",', "", text, count=1)
    return re.sub(r'"meta":\{"versionId":"\d+","lastUpdated":"[^"]+"\},', "", text, count=1)


async def test_a_plan_comes_back_as_it_was_sent_by_every_way(server: Any) -> None:
    person = await server.create(server.patient())
    sent = _plan(f"Patient/{person['id']}")
    created = await server.send("POST", "CarePlan", sent.encode())
    assert created.status_code == 201, created.text
    expected = re.sub(r'"\x01([^"\x01]+)\x01"', r"\1", _digits_out(sent))
    stored = created.content.decode()
    assert _without_meta(stored) == expected
    plan_id = created.json()["id"]
    for path in (f"CarePlan/{plan_id}", f"CarePlan/{plan_id}/_history/1"):
        assert (await server.send("GET", path)).content.decode() == stored
    for path in (
        f"CarePlan?_id={plan_id}",
        f"CarePlan/{plan_id}/_history",
        "CarePlan/_history",
        "_history",
        "CarePlan?status=active",
    ):
        assert stored in (await server.send("GET", path)).content.decode(), path
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": f"CarePlan/{plan_id}"}}],
    }
    assert stored in (await server.send("POST", "", bundle)).content.decode()


async def test_a_patch_of_one_activity_leaves_every_other_digit(server: Any) -> None:
    person = await server.create(server.patient())
    sent = _plan(f"Patient/{person['id']}")
    created = await server.send("POST", "CarePlan", sent.encode())
    before = _without_meta(created.content.decode())
    path = f"CarePlan/{created.json()['id']}"
    patch = b'[{"op":"replace","path":"/activity/3/detail/status","value":"completed"}]'
    patched = await server.send("PATCH", path, patch, content_type="application/json-patch+json", if_match='W/"1"')
    assert patched.status_code == 200, patched.text
    pieces = before.split('"status":"not-started"')
    expected = (
        '"status":"not-started"'.join(pieces[:4]) + '"status":"completed"' + '"status":"not-started"'.join(pieces[4:])
    )
    assert _without_meta(patched.content.decode()) == expected
    assert (await server.send("GET", path)).content == patched.content
    assert patched.content.decode() in (await server.send("GET", "CarePlan")).content.decode()

    # The same through a Bundle, and back again.
    undo = base64.b64encode(patch.replace(b"completed", b"not-started")).decode()
    entry = {"resource": {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": undo},
             "request": {"method": "PATCH", "url": path, "ifMatch": 'W/"2"'}}  # fmt: skip
    for kind in ("transaction", "batch"):
        response = await server.send("POST", "", {"resourceType": "Bundle", "type": kind, "entry": [entry]})
        assert response.status_code == 200, response.text
        entry["request"]["ifMatch"] = 'W/"3"'
    assert _without_meta((await server.send("GET", path)).content.decode()) == before


async def test_primitive_extensions_and_member_order_survive(server: Any) -> None:
    number = server.nhs_number()
    sent = (
        '{"resourceType":"Patient","name":[{"given":["Ann",null,"Zo\\u00eb"],"_given":[null,{"extension":[{"url":"urn:x","valueCode":"u"}]},null],'
        '"family":"O\'Malley"}],"_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime",'
        '"valueDateTime":"1934-03-01T14:35:45-05:00"}]},"birthDate":"1934-03-01","identifier":[{"value":"'
        + number
        + '",'
        '"system":"https://fhir.nhs.uk/Id/nhs-number"}],"active":true}'
    )
    created = await server.send("POST", "Patient", sent.encode())
    assert created.status_code == 201, created.text
    assert _without_meta(created.content.decode()) == sent.replace("\\u00eb", "ë")


async def test_every_number_that_json_can_write_keeps_its_value(server: Any) -> None:
    person = await server.create(server.patient())
    for text in (
        "1e2",
        "1E+2",
        "1.5e-7",
        "0e0",
        "1e400",
        "-1e-400",
        "123456789012345678901234567890",
        "0.1" + "0" * 50,
    ):
        sent = server.written(server.observation(person, valueQuantity={"value": 0})).replace(
            b'"value":0', b'"value":' + text.encode()
        )
        created = await server.send("POST", "Observation", sent)
        assert created.status_code == 201, (text, created.text)
        value = json.loads(created.content, parse_float=Decimal, parse_int=Decimal)["valueQuantity"]["value"]
        assert value.as_tuple() == Decimal(text).as_tuple(), text
        again = await server.send("PUT", f"Observation/{created.json()['id']}", created.content)
        assert (again.status_code, again.content) == (200, created.content), text
        found = await server.send("GET", f"Observation?_id={created.json()['id']}")
        assert created.content in found.content


def _digits_out(text: str) -> str:
    """The text as JSON without needless escapes, numbers as they stand."""
    value = json.loads(
        text, parse_float=lambda digits: f"\x01{digits}\x01", parse_int=lambda digits: f"\x01{digits}\x01"
    )
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("\\u0001", "\x01")

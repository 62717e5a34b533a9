"""What a Subscription may ask for, read without a database: endpoint, headers, criteria, addresses."""

from __future__ import annotations

import pytest

from tandem.subscriptions.addresses import is_public
from tandem.subscriptions.channel import channel_faults, channel_of
from tandem.subscriptions.criteria import CriteriaRefused, read_criteria

BASE = "http://tandem.test/fhir"


def subscription(**channel):
    return {"channel": {"type": "rest-hook", "endpoint": "https://a.example/told", **channel}}


@pytest.mark.parametrize("endpoint", [
    "http://127.0.0.1/told", "https://user@127.0.0.1/told", "https://127.0.0.1/told?a=1", "https://127.0.0.1/told#a",
    "https://127.0.0.1\\@evil.example/", "https://[::1]/told", "ftp://127.0.0.1/", "https://", "told", None, 3,
    "https://127.0.0.1:0/x", "https://127.0.0.1/a b", "https://a.example/\nb", "https://é.example/", "https://a..b\x00/",
    "https://a.example/" + "a" * 1000, "HTTPS//a.example",
])  # fmt: skip
def test_an_endpoint_is_a_plain_https_address(endpoint) -> None:
    [issue] = channel_faults(subscription(endpoint=endpoint))
    assert issue.expression == "Subscription.channel.endpoint"
    assert issue.text.startswith("The endpoint is an address https://")


@pytest.mark.parametrize(("endpoint", "host"), [
    ("https://a.example", "a.example"), ("https://A.example:443/x/", "a.example"),
    ("https://a.example:8443/x", "a.example:8443"),
])  # fmt: skip
def test_a_host_is_named_as_in_the_register(endpoint, host) -> None:
    assert channel_faults(subscription(endpoint=endpoint)) == []
    channel = channel_of(subscription(endpoint=endpoint))
    assert channel.host == host
    assert not channel.endpoint.endswith("/")


@pytest.mark.parametrize("header", [
    "Host: inside", "Content-Length: 3", "Content-Type: text/plain", "Transfer-Encoding: chunked", "webhook-id: 1",
    "X-Forwarded-For: 10.0.0.1", "X-Correlation-ID: mine", "Authorization", "Authorization: a\r\nHost: b", "X-Né: a",
    "Authorization: é", "Cookie: a=b", "Tandem-Position: 3", "X-A: " + "a" * 5000, "Authorization:",
    "X-HTTP-Method-Override: GET",
])  # fmt: skip
def test_a_header_is_authorization_or_ones_own(header) -> None:
    [issue] = channel_faults(subscription(header=["Authorization: Bearer good", "X-Team: 7", header]))
    assert issue.expression == "Subscription.channel.header[2]"
    assert "Bearer" not in issue.text


def test_there_are_not_too_many_headers() -> None:
    [issue] = channel_faults(subscription(header=[f"X-A{number}: b" for number in range(11)]))
    assert issue.expression == "Subscription.channel.header"


@pytest.mark.parametrize(("service", "criteria", "named"), [
    ("mdt-service", "Task?no-such=1", "no-such"), ("mdt-service", "Task?status:exact=x", "exact"),
    ("mdt-service", "Task?_sort=status", "_sort"),
    ("mdt-service", "Task?_include=Task:based-on&_count=3", "_count, _include"),
    ("mdt-service", "Patient?name=x", "mdt-service"), ("mdt-service", "Task?status=", "status"),
    ("mdt-service", "AuditEvent?action=R", "mdt-service"), ("mdt-service", "nonsense", "mdt-service"),
    ("mdt-service", "Task?_has:Communication:based-on:status=x", "_has"),
    ("mdt-service", "Appointment?slot.status=busy", "chained"),
    ("cohort-service", "Condition?patient.name=x", "chained"), ("mdt-service", "Task/1?status=draft", "mdt-service"),
    ("mdt-service", "Task?authored-on=then", "authored-on"), ("mdt-service", "Task?status=%00", "null"),
])  # fmt: skip
def test_criteria_are_a_search_of_this_service(service, criteria, named) -> None:
    with pytest.raises(CriteriaRefused) as refused:
        read_criteria(criteria, service, BASE)
    assert named in str(refused.value.texts)


def test_no_value_of_the_criteria_is_repeated() -> None:
    text = "Task?patient.identifier=https://fhir.nhs.uk/Id/nhs-number|999000001812&authored-on=x"
    with pytest.raises(CriteriaRefused) as refused:
        read_criteria(text, "mdt-service", BASE)
    assert "999000001812" not in str(refused.value.texts)


def test_criteria_may_be_written_as_an_address_of_ours() -> None:
    assert read_criteria(f"{BASE}/Task?status=requested", "mdt-service", BASE).type == "Task"


@pytest.mark.parametrize(("address", "public"), [
    ("10.0.0.1", False), ("127.0.0.1", False), ("169.254.169.254", False), ("::1", False), ("fd00::1", False),
    ("fe80::1%eth0", False), ("::ffff:10.0.0.1", False), ("224.0.0.1", False), ("0.0.0.0", False),
    ("100.64.0.1", False), ("8.8.8.8", True), ("2a00:1450:4009::1", True), ("::ffff:8.8.8.8", True),
])  # fmt: skip
def test_addresses_inside_are_not_public(address, public) -> None:
    assert is_public(address) is public

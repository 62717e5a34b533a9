"""In any order and however often: each event has its effect once, in order of version, and the end is the same."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.events.retries import Retries

RESOURCES = ("a", "b", "c")


@st.composite
def deliveries(draw):
    """Versions of some resources and some facts, each at least once, in any order, cut into any batches; and which
    of them fail at the first attempt."""
    changes = [("change", name, version) for name in RESOURCES for version in range(1, draw(st.integers(1, 4)) + 1)]
    events = changes + [("fact", str(number), None) for number in range(draw(st.integers(0, 3)))]
    repeated = events + draw(st.lists(st.sampled_from(events), max_size=8))
    order = draw(st.permutations(repeated))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=6)))
    batches = [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True) if start < end]
    failing = draw(st.sets(st.sampled_from(events), max_size=4))
    return events, batches, failing


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries())
async def test_any_disorder_ends_in_the_same_state(consumer, kit, drawn):
    events, batches, failing = drawn
    await consumer.clear()

    def entry(event):
        kind, key, version = event
        return kit.change(key, version) if kind == "change" else kit.fact(key)

    inbox = consumer.inbox()
    consumer.ledger.broken = {entry(event).event_id for event in failing}
    for batch in batches:
        await inbox.receive([kit.received(entry(event)) for event in batch])
    consumer.ledger.broken = set()
    consumer.now.add(3600)
    while await Retries(inbox).step():
        consumer.now.add(3600)

    effects = await consumer.effects()
    assert sorted(effects) == sorted(entry(event).event_id for event in events)
    for name in RESOURCES:
        own = [effect for effect in effects if effect.startswith(f"Task-{name}-")]
        assert own == sorted(own)
    highest = {key: version for kind, key, version in events if kind == "change"}
    assert await consumer.latest() == {f"Task/{name}": str(version) for name, version in highest.items()}
    assert await consumer.parked() == {}

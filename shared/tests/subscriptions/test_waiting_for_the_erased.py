"""What a subscriber waited for was erased, and the head of its kind is still to be lowered: nobody looks in vain."""

from __future__ import annotations

from tandem.retention.log_entries import entries_of, forget_entries


async def test_a_turn_that_finds_nothing_is_not_begun_again_and_again(bench) -> None:
    await bench.subscribe()
    bench.receiver.statuses = [500]
    lost = await bench.task()
    assert await bench.told() == [f"Task/{lost} v1"], "the attempt that failed"
    async with bench.database.transaction() as connection:
        assert await forget_entries(connection, await entries_of(connection, "ada"))
    bench.now.add(60)
    looked, turn = [], bench.dispatcher._delivery.turn

    async def counted(subscription: str) -> int:
        looked.append(subscription)
        taken: int = await turn(subscription)
        return taken

    bench.dispatcher._delivery.turn = counted
    for _ in range(3):
        await bench.dispatcher.turn()
        await bench.dispatcher.idle()
    assert len(looked) == 1
    task = await bench.task(person="bea", owner="RXP01", by="A81001")
    await bench.access("RXP01", "bea")
    assert (await bench.told())[1:] == [f"Task/{task} v1"]

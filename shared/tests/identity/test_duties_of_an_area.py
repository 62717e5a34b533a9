"""What a commissioner sees besides figures: the duties of its area, and no other Task about nobody."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.canonical import TASK_KIND
from tandem.fhir.search.parameters import PARAMETERS

PRACTICE, NETWORK, BOARD, STRANGER = "A81001", "U10001", "QX1", "QX2"
TASK_CODE = PARAMETERS["Task"]["code"].number


async def furnish(world: Any) -> None:
    kinds = ((PRACTICE, "practice"), (NETWORK, "network"), (BOARD, "commissioner"), (STRANGER, "commissioner"))
    for code, kind in kinds:
        await world.write(code, world.organization(code.lower(), code, kind), operator=True)
    async with world.database.transaction() as connection:
        for holder, member in ((BOARD, NETWORK), (NETWORK, PRACTICE)):
            await connection.execute(
                "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
                " VALUES ($1, $2, $3, $2, $3, 0, $4)", f"{holder}-{member}", holder, member, world.now + 10,
            )  # fmt: skip


async def keep(world: Any, name: str, owner: str, code: str | None, system: str = TASK_KIND) -> None:
    async with world.database.transaction() as connection:
        key = await connection.fetchval(
            "INSERT INTO resource (type, id, version, updated, log_id, author, custodian)"
            " VALUES ('Task', $1, 1, $2, 0, 'urn:tandem:service|mdt-service', $3) RETURNING key",
            name, world.now, owner,
        )  # fmt: skip
        if code is not None:
            await connection.execute(
                "INSERT INTO search_token (key, param, system, code) VALUES ($1, $2, $3, $4)",
                key, TASK_CODE, system, code,
            )  # fmt: skip


async def seeing(world: Any, name: str, **more: Any) -> set[str]:
    return {code for code in (PRACTICE, NETWORK, BOARD, STRANGER) if await world.sees(code, "Task", name, **more)}


@pytest.mark.parametrize("code", ["duty", "chase"])
async def test_a_commissioner_sees_what_its_networks_and_their_practices_owe(world: Any, code: str) -> None:
    await furnish(world)
    await keep(world, "of-practice", PRACTICE, code)
    await keep(world, "of-network", NETWORK, code)
    await keep(world, "of-stranger", STRANGER, code)
    assert await seeing(world, "of-practice") == {PRACTICE, NETWORK, BOARD}
    assert await seeing(world, "of-network") == {NETWORK, BOARD}
    assert await seeing(world, "of-stranger") == {STRANGER}


async def test_any_other_task_about_nobody_stays_with_the_network(world: Any) -> None:
    await furnish(world)
    await keep(world, "action", PRACTICE, "action")
    await keep(world, "plain", PRACTICE, None)
    await keep(world, "elsewhere", PRACTICE, "duty", system="urn:other")
    for name in ("action", "plain", "elsewhere"):
        assert await seeing(world, name) == {PRACTICE, NETWORK}


async def test_it_sees_them_as_long_as_it_commissions_and_not_while_the_feed_is_behind(world: Any) -> None:
    await furnish(world)
    await keep(world, "duty", PRACTICE, "duty")
    assert await seeing(world, "duty", now=world.now + 9) == {PRACTICE, NETWORK, BOARD}
    assert await seeing(world, "duty", now=world.now + 10) == {PRACTICE}
    assert await seeing(world, "duty", registered_only=True) == {PRACTICE}

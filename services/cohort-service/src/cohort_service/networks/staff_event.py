"""The event that tells who is in post in a role of a network, with everything recorded of that role (PCN-053)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cohort_service.networks.staff_rows import Post
from tandem.ids import IdSource
from tandem.london_days import date_of
from tandem.service import Work

RECORDED: Final = "tandem.staff-in-post.recorded"


async def say_recorded(work: Work, network: str, role: str, posts: Iterable[Post], ids: IdSource) -> None:
    """Tell of a role: each day from which something holds, by day, until the next one."""
    told = [
        {"from": date_of(post.day).isoformat(), "wte": post.wte, **({} if post.cost is None else {"cost": post.cost})}
        for post in posts
    ]
    await work.emit(RECORDED, {"network": network, "role": role, "posts": told}, key=ids.new())

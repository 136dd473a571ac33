"""A tenant's home in trouble: rows lost and restored, or moved away and back; then somebody reopens (F60)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from adapters.simulated.records import Copy
from adapters.simulated.talk_watch import Accepted
from adapters.simulated.tenants import HERE
from adapters.simulated.world import World
from shared.effects.epoch import read_epoch
from shared.errors import SupportMaxError

ELSEWHERE = "elsewhere"
AFTER_MS = (1, 30, 500, 5_000)  # how soon after a request trouble comes
WAITS_MS, EVERY_MS = 60_000, 100
AWAY_MS = 90_000
REOPEN_AFTER_MS = (200_000, 330_000, 500_000, 900_000, 1_600_000, 2_400_000)
SURE_AFTER_MS = 600_000  # when a person who finds nothing in a system's books believes it
Say = Callable[[str, dict[str, Any]], Any]  # call a handler; None where it failed
SeeLoss = Callable[[str, list[Accepted]], None]


class Administrators:
    """Those who move tenants and reopen their money; `accepted` is what was taken in so far."""

    def __init__(self, world: World, say: Say, see_loss: SeeLoss, accepted: Sequence[Accepted]) -> None:
        self._world, self._say, self._see_loss, self._accepted = world, say, see_loss, accepted

    def meet(self, tenant: str) -> None:
        """Whatever befalls a tenant's region this minute, at most once."""
        fault = self._world.plan.strike("region", self._world.scheduler.now)
        if not fault or self._world.facts["regions lost"] or self._world.facts["homes moved"]:
            return
        if fault == "region_lost":
            copy, mark = self._world.cloud.records.copy(), len(self._world.cloud.channels.sent)
            self._when_money_moves("loss", partial(self._lose, tenant, copy, mark))
        else:
            self._when_money_moves("flap", partial(self._flap, tenant))

    def _when_money_moves(self, name: str, happen: Callable[[], None]) -> None:
        """Soon after the next request to a company's system, or when none has come for a while."""
        asked, scheduler = self._world.site.asked.total(), self._world.scheduler
        until = scheduler.now + WAITS_MS

        def look() -> None:
            if self._world.site.asked.total() > asked or scheduler.now > until:
                scheduler.spawn(name, happen, after_ms=scheduler.random.choice(AFTER_MS))
            else:
                scheduler.remind("watch", look, after_ms=EVERY_MS)

        look()

    def _lose(self, tenant: str, copy: Copy, mark: int) -> None:
        """The region is gone and comes back with a backup's rows: the directory says so, and every process is new."""
        cloud = self._world.cloud
        self._world.scheduler.note(f"the rows of {tenant} are lost")
        self._world.facts["regions lost"] += 1
        for process in self._world.site.processes:
            process.dead = True
        cloud.records.restore(copy, tenant)
        forgotten = [each for each in cloud.channels.sent[mark:] if each.tenant == tenant]
        cloud.channels.sent = [each for each in cloud.channels.sent if each not in forgotten]
        cloud.channels.forgotten |= {each.key for each in forgotten}
        cloud.tenants.move(tenant, HERE)
        self._see_loss(tenant, list(self._accepted))
        self._plan_reopening(tenant)

    def _flap(self, tenant: str) -> None:
        """The home moves away, sometimes without draining, and back before anybody has reopened it there."""
        self._world.facts["homes moved"] += 1
        if self._world.scheduler.random.random() < 0.5:
            self._say("effects.drain", {"tenant": tenant})
        self._world.cloud.tenants.move(tenant, ELSEWHERE)
        self._world.scheduler.sleep(AWAY_MS)
        self._world.cloud.tenants.move(tenant, HERE)
        self._plan_reopening(tenant)

    def _plan_reopening(self, tenant: str) -> None:
        for after in REOPEN_AFTER_MS:
            self._world.scheduler.spawn("reopen", partial(self._reopen, tenant), after_ms=after + self._world.skew)

    def _reopen(self, tenant: str) -> None:
        """Reopen with the ledger that is here, saying of what no machine can look up what the books say."""
        last = read_epoch(self._world.cloud.records, tenant).number
        empty = not self._world.cloud.records.query(f"T|{tenant}|money", limit=1)
        task = {"tenant": tenant, "last": last, "empty": empty}
        answer = self._say("effects.reopen", task)
        if answer and not answer["opened"]:
            answer = self._say(
                "effects.reopen", task | self._read_books([each["effect"] for each in answer["unsettled"]])
            )
        self._world.facts["ledger reopened"] += bool(answer and answer["opened"])

    def _read_books(self, effects: list[str]) -> dict[str, Any]:
        systems, paid, absent = self._world.cloud.business_systems, [], []
        for effect in effects:
            system, sent = self._about(effect)
            if systems.done(system, effect) is not None:
                paid.append(effect)
            elif (system, effect) not in systems.on_the_way and self._world.scheduler.now > sent + SURE_AFTER_MS:
                absent.append(effect)
        return {"operator": "olav", "paid": paid, "absent": absent}

    def _about(self, effect: str) -> tuple[str, int]:
        for tenant in self._world.tenants:
            row = self._world.cloud.records.get(f"T|{tenant}|money", f"EFFECT|{effect}")
            if row is not None:
                return row.body["system"], row.body["first_sent"] or row.body["made"]
        raise SupportMaxError(f"nobody knows the effect {effect}")

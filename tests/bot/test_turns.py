"""An event loop that waits for another thread is woken once for what is done together."""

import asyncio
from concurrent.futures import Future

import pytest

from bot.turns import Turns


def test_what_comes_in_one_turn_goes_together_and_each_gets_its_own_result() -> None:
    roused: list[int] = []
    asked: list[Future[int]] = [Future() for _ in range(3)]

    def do_all() -> None:
        roused.append(len(asked))
        for at, one in enumerate(asked):
            one.set_result(at)

    async def wait_for_all() -> list[int]:
        turns = Turns(asyncio.get_running_loop(), do_all)
        return await asyncio.gather(*(turns.wait(one) for one in asked))

    assert asyncio.run(wait_for_all()) == [0, 1, 2]
    assert roused == [3]


def test_a_fault_reaches_who_waits_for_it_and_nobody_else() -> None:
    good, bad = Future[int](), Future[int]()

    def do_all() -> None:
        bad.set_exception(ValueError("refused"))
        good.set_result(1)

    async def wait_for_both() -> list[int | BaseException]:
        turns = Turns(asyncio.get_running_loop(), do_all)
        return list(await asyncio.gather(turns.wait(bad), turns.wait(good), return_exceptions=True))

    refused, found = asyncio.run(wait_for_both())
    assert found == 1
    with pytest.raises(ValueError, match="refused"):
        raise refused if isinstance(refused, BaseException) else AssertionError


def test_who_stops_waiting_takes_nothing_from_the_others() -> None:
    first, second = Future[int](), Future[int]()

    async def wait_for_the_second() -> int:
        turns = Turns(asyncio.get_running_loop(), lambda: None)
        stopped, waiting = (asyncio.create_task(turns.wait(one)) for one in (first, second))
        await asyncio.sleep(0)
        stopped.cancel()
        await asyncio.sleep(0)
        first.set_result(1)
        second.set_result(2)
        return await waiting

    assert asyncio.run(wait_for_the_second()) == 2

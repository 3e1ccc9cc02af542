"""Runs one scenario with the client that was generated from contract.ts, and prints what it sees as lines of JSON.

    PYTHONPATH=<where it was generated> python3 scenarios.py NAME URL
"""

import asyncio
import json
import os
import sys
import threading
from datetime import datetime, timezone
from typing import Any, AsyncIterator, List

from made import Everything, Options, ShapesClient, TypewireError, WorkBusyError

EVENTS = 200
AT = datetime(2026, 1, 31, 12, 0, 0, 5000, tzinfo=timezone.utc)
EVERYTHING: Any = {
    "text": "naïve 😀",
    "email": "ada@example.com",
    "count": 3,
    "ratio": 0.5,
    "flag": True,
    "nothing": None,
    "nullable": None,
    "color": "green",
    "version": 2,
    "either": 7,
    "pair": ("a", 1),
    "scores": {"a.b": 1, "c\\d": 2},
    "shape": {"kind": "polygon", "corners": [(0, 0), (1, 1)], "area": 5},
    "tree": {"label": "root", "children": [{"label": "leaf", "children": []}]},
    "at": AT,
    "big": 2**70,
    "small": 7,
    "tags": {"x", "y"},
    "places": {"here": AT},
    "byPair": [({"x": 1}, 2**60), ({"x": 2}, 1)],
    "bytes": b"\x01\xff",
    "samples": [1, -2],
    "site": "https://example.com/",
    "notANumber": float("nan"),
    "not an-identifier": "k",
    "class": "c",
}


def say(what: str, **details: Any) -> None:
    print(json.dumps({"what": what, **details}), flush=True)


loop_lines: "asyncio.Queue[str]"


async def told() -> str:
    return await loop_lines.get()


def differences(given: Any, back: Any) -> List[str]:
    """The names of members that have not come back as they were given. NaN is nothing's equal, not even its own."""
    return [key for key in given if not (same(given[key], back.get(key)) and type(given[key]) is type(back.get(key)))]


def same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one != one and other != other)


def make(url: str, name: str = "ada") -> ShapesClient:
    options = Options(
        min_delay_s=0.01,
        max_delay_s=0.02,
        on_status=lambda state, reason: say("status", state=state, reason=reason),
        on_error=lambda error, what: say("error", error=repr(error), of=what),
    )
    return ShapesClient(url, auth={"name": name, "since": AT}, options=options)


async def attempt(what: str, answer: Any) -> None:
    try:
        value = await answer
        say(what, value=str(value) if isinstance(value, int) and abs(value) > 2**53 else value)
    except TypewireError as error:
        details = {"type": type(error).__name__, "code": error.code, "message": error.message, "outcome": error.outcome}
        say(what, **details, issues=error.issues, hasIncident=error.incident is not None)


async def basics(url: str) -> None:
    async with make(url) as client:
        given: Everything = EVERYTHING
        back = await client.call.echo(given)
        say("echo", differs=differences(dict(given), dict(back)))
        try:
            await client.call.work({"n": 0})
        except WorkBusyError as error:
            say("typed error", until=error.data["until"].isoformat(), code=error.code)
        await attempt("work", client.call.work({"n": 21}))
        await attempt("invalid input", client.call.work({"n": "many"}))  # type: ignore[typeddict-item]
        await attempt("internal", client.call.work({"n": -1}))
        await attempt("none", client.call.list())
        await attempt("some", client.call.list({"last": 2}))
        await attempt("time limit", client.call.slow(timeout_s=0.05))
        cancelled = asyncio.ensure_future(client.call.slow())
        await asyncio.sleep(0)
        await attempt("between", client.call.work({"n": 1}))
        cancelled.cancel()
        await asyncio.wait([cancelled])
        say("cancelled", is_cancelled=cancelled.cancelled())

        say("stream", items=[item["n"] async for item in client.stream.count({"to": 1_000})] == list(range(1, 1_001)))
        async for item in client.stream.count({"to": 1_000_000}):
            if item["n"] == 3:
                break
        await attempt("upload", client.call.import_([2**60, 1, 2], {"table": "t"}))

        async def words() -> AsyncIterator[str]:
            for number in range(600):
                yield str(number)

        say("both ways", count=len([word async for word in client.stream.repeat(words())]))
        source_closed = asyncio.Event()

        async def endless() -> AsyncIterator[str]:
            try:
                while True:
                    yield "on and on"
            finally:
                source_closed.set()

        async for _ in client.stream.repeat(endless()):
            break
        await source_closed.wait()
        say("source closed")
        await attempt("saved", client.emit_with_ack.save({"ids": {1, 2, 3}}))

        asked: "asyncio.Future[str]" = asyncio.get_running_loop().create_future()
        bell = asyncio.Event()
        client.on.bell(bell.set)

        async def ask(payload: Any) -> Any:
            asked.set_result(payload["text"])
            return {"yes": True, "seen": {"it"}}

        client.on.ask(ask)
        client.emit.note({"n": -5})
        say("asked", text=await asked)
        await bell.wait()

        heard: List[Any] = []
        async with client.join.hall({"id": "a"}, presence={"mood": "fine"}, last=2) as room:
            got = asyncio.Event()

            def said(payload: Any) -> None:
                heard.append((payload["n"], sorted(payload["tags"])))
                if payload["n"] == 3:
                    got.set()

            room.on.said(said)
            room.emit.typing(volatile=True)
            await attempt("vote", room.emit_with_ack.vote({"text": "aye"}))
            room.emit.say({"text": "3"})
            await got.wait()
            say("heard", events=heard)
            changed = asyncio.Event()
            room.on_presence(changed.set)
            await room.set_presence({"mood": "better"})
            while [entry.data["mood"] for member in room.members for entry in member.entries] != ["better"]:
                changed.clear()
                await changed.wait()
            page = await room.history(limit=2)
            say("history", count=room.count, events=[[event.name, event.payload["n"]] for event in page.events], more=page.has_more)
        await attempt("left", room.emit_with_ack.vote({"text": "late"}))
        await attempt("refused", _wait(client.join.hall({"id": "secret"}, presence={"mood": "fine"})))

        admin = client.namespaces.admin
        await attempt("closed namespace", admin.call.ban({"name": "x"}))
        await attempt("wrong code", admin.open(auth={"code": "wrong"}))
        await admin.open(auth={"code": "right"})
        audited = asyncio.Event()
        admin.on.audit(lambda payload: audited.set())
        await attempt("banned", admin.call.ban({"name": "x"}))
        await audited.wait()
        await admin.close()
        await attempt("closed again", admin.call.ban({"name": "x"}))
    await attempt("closed", client.call.work({"n": 1}))


async def _wait(room: Any) -> str:
    await room
    return "joined"


async def burst(url: str) -> None:
    """Events, calls, a room and a stream, while the test cuts its link."""
    async with make(url) as client:
        notices: List[int] = []
        said: List[int] = []
        moved = asyncio.Event()

        def note(numbers: List[int], number: int) -> None:
            numbers.append(number)
            moved.set()

        client.on.notice(lambda payload: note(notices, int(payload["text"].split()[0])))
        room = await client.join.hall({"id": "a"}, presence={"mood": "fine"})
        room.on.said(lambda payload: note(said, payload["n"]))
        say("ready")
        await told()
        streamed = asyncio.ensure_future(_count(client, 2_000))
        calls = []
        for number in range(1, EVENTS + 1):
            client.emit.note({"n": number})
            room.emit.say({"text": f"{number} {'.' * 300}"})
            calls.append(asyncio.ensure_future(client.call.work({"n": number})))
            if number % 20 == 0:
                await calls[-1]
        results = await asyncio.gather(*calls)
        while len(notices) < EVENTS or len(said) < EVENTS:
            moved.clear()
            await moved.wait()
        say("done", results=results, notices=notices, said=said, streamed=await streamed)


async def _count(client: ShapesClient, to: int) -> bool:
    return [item["n"] async for item in client.stream.count({"to": to})] == list(range(1, to + 1))


async def lost(url: str) -> None:
    """Its session is gone: what is safe to repeat is, the rest fails, rooms are joined again."""
    async with make(url) as client:
        room = await client.join.hall({"id": "a"}, presence={"mood": "fine"})
        room.on.said(lambda payload: say("said", n=payload["n"]))
        room.on_missed(lambda: say("missed"))
        await client.namespaces.admin.open(auth=lambda: {"code": "right"})
        stream = client.stream.count({"to": -1})
        say("first item", n=(await stream.__anext__())["n"])
        slow = asyncio.ensure_future(client.call.slow())
        added = asyncio.ensure_future(client.call.add({"n": -1}))
        await attempt("before", client.call.work({"n": 1}))
        say("ready")
        await attempt("slow", slow)
        await attempt("added", added)
        say("next item", n=(await stream.__anext__())["n"])
        await attempt("after", client.call.work({"n": 2}))
        await attempt("banned", client.namespaces.admin.call.ban({"name": "x"}))
        await attempt("vote", room.emit_with_ack.vote({"text": "aye"}))
        await told()


async def refused(url: str) -> None:
    try:
        async with make(url, "mallory"):
            say("in")
    except TypewireError as error:
        say("refused", code=error.code, message=error.message)


async def main(name: str, url: str) -> None:
    global loop_lines
    loop_lines = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def listen() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(loop_lines.put_nowait, line.strip())
        os._exit(1)  # its standard input ends when the test's process does

    threading.Thread(target=listen, daemon=True).start()
    await {"basics": basics, "burst": burst, "lost": lost, "refused": refused}[name](url)
    say("ended")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
    sys.stdout.flush()
    os._exit(0)

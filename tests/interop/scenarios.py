"""Runs one scenario against a server of the tests' contract, and prints what it sees as lines of JSON.

    python3 scenarios.py NAME ws://127.0.0.1:PORT/typewire
"""

import asyncio
import json
import os
import sys
import threading
from datetime import datetime, timezone

from payloads import UNDEFINED
from session import CallError
from typewire_client import Client

EVENTS = 300
AHEAD = 40  # so many of its events may be without their echo: what both sides keep stays bounded
WINDOW = 65_536  # of what it keeps itself: far less than it sends, so the server must acknowledge


def say(what, **details):
    print(json.dumps({"what": what, **details}), flush=True)


async def attempt(what, answer):
    """Awaits an answer, and says what came of it."""
    try:
        say(what, value=await answer)
    except CallError as error:
        data = None if error.data is UNDEFINED else error.data
        say(what, code=error.code, data=data, issues=error.issues, outcome=error.outcome)


async def burst(client):
    """Calls, rich values, a room; then a burst both ways, while the test cuts its link."""
    await attempt("result", client.call("work", {"n": 21}))
    await attempt("typed error", client.call("work", {"n": 0}))
    await attempt("invalid input", client.call("work", {"n": "many"}))
    await attempt("time limit", client.call("brief", timeout_ms=50))
    rich = {
        "at": datetime(2026, 1, 31, 12, tzinfo=timezone.utc),
        "none": UNDEFINED,
        "list": [1, {"a.b\\c": 2**64}, float("inf")],
    }
    value = await client.call("carry", rich)
    say("carried", same=value == rich, at=str(value["at"]), none=repr(value["none"]))
    files = await client.call("carry", "files")
    say("bytes", names=files["names"], sizes=[len(file) for file in files["files"]], sums=[sum(file) for file in files["files"]])
    made = await client.call("carry", "made")
    for file in ("icon", "notes"):
        made[file]["bytes"] = list(made[file]["bytes"])
    say("made", value=made)
    say("carried alone", same=await client.call("carry", rich["at"]) == rich["at"])

    seen, started, moved = {"notice": [], "said": []}, asyncio.Event(), asyncio.Event()

    def on(name):
        def note(data):
            number = int(data["text"].split()[0])
            seen[name].append(number)
            moved.set()
            if number == 0:
                started.set()

        return note

    client.on["notice"] = on("notice")
    client.on["ask"] = lambda data: {"yes": data["text"] == "Well?"}
    room = await client.join("hall", {"id": "a"}, on={"said": on("said"), "poll": lambda data: {"yes": False}})
    say("joined", vote=await room.emit_with_ack("vote", {"text": "aye"}))
    await started.wait()

    calls = []
    for number in range(1, EVENTS + 1):
        while number - min(map(len, seen.values())) > AHEAD:
            moved.clear()
            await moved.wait()
        client.emit("note", {"n": number})
        room.emit("say", {"text": f"{number} {'.' * 300}"})
        calls.append(client.call("work", {"n": number}))
    results = [result["doubled"] for result in await asyncio.gather(*calls)]
    while min(map(len, seen.values())) <= EVENTS:
        moved.clear()
        await moved.wait()
    say("done", results=results, **seen)
    await room.leave()
    await client.close()


async def lost(client):
    """Loses its session by a wrong secret, then the next one by the server's word."""
    client.on["notice"] = lambda data: spoil()

    def spoil():
        client.session.secret = "wrong"
        say("spoiled")

    await attempt("first", client.call("echo", "one"))
    await attempt("lost call", client.call("echo", "never answered"))
    await attempt("second", client.call("echo", "two"))
    await asyncio.Event().wait()  # until the server ends the session, and `run` returns


async def silent(client):
    """Calls whenever the server asks it to."""
    client.on["notice"] = lambda data: attempt("called", client.call("echo", data["text"]))
    await attempt("first", client.call("echo", "one"))
    await asyncio.Event().wait()


async def main(name, url):
    client = Client(url, window=WINDOW, tell=say)
    scenario = {"burst": burst, "lost": lost, "silent": silent}[name]
    running = asyncio.ensure_future(scenario(client))
    connected = asyncio.ensure_future(client.run())
    await asyncio.wait([running, connected], return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        running.result()  # raises what it raised
    await asyncio.wait_for(connected, 5)
    running.cancel()
    say("ended")


def end_with_parent():
    """Its standard input ends when the test's process does, in whatever way: then nothing is left behind."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    asyncio.run(main(*sys.argv[1:]))

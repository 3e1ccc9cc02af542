# Made by: typewire generate python examples/ticker/src/contract.ts
# From the contract ticker, of the fingerprint cL7wU0z4k6JYpB-LXnwKRg.
# Do not edit: change the contract, and make it anew.
# It needs Python 3.11 and the package websockets, 10.4 or newer.

from __future__ import annotations

from typing import Any, Callable, List, TypedDict, Union

import typewire_runtime as tw


class Figures(TypedDict):
    at: float
    conflated: float
    made: float
    rate: float


class Listing(TypedDict):
    at: float
    history: List[float]
    name: str
    open: float
    price: float
    symbol: str


class Market(TypedDict):
    historyEndsAt: float
    listings: List[Listing]
    nowMs: float


class Price(TypedDict):
    at: float
    price: float
    symbol: str


class SetRateInput(TypedDict):
    # At least 100. At most 4000.
    rate: int


class SetRateOutput(TypedDict):
    at: float
    rate: float


_call_market = tw.Procedure("market")
_call_set_rate = tw.Procedure("setRate")
_room_market = tw.RoomKind("market", events={"price": tw.Event("price")})
_contract = tw.Contract(
    "cL7wU0z4k6JYpB-LXnwKRg",
    events={
        "figures": tw.Event("figures"),
    },
)


class TickerCalls:
    """Procedures."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    async def market(self, *, timeout_s: Union[float, None] = None) -> Market:
        result: Market = await self._scope.client.call_procedure(self._scope, _call_market, tw.UNDEFINED, timeout_s)
        return result

    async def set_rate(self, input: SetRateInput, *, timeout_s: Union[float, None] = None) -> SetRateOutput:
        result: SetRateOutput = await self._scope.client.call_procedure(self._scope, _call_set_rate, input, timeout_s)
        return result


class TickerHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def figures(self, handler: Callable[[Figures], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.client.add_handler(self._scope, "figures", handler)


class MarketRoomHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    def price(self, handler: Callable[[Price], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.add_handler("price", handler)


class MarketRoom(tw.Room[None]):
    """A room of the kind market."""

    def __init__(self, scope: tw.Scope, params: Any, presence: Any, last: Union[int, None]) -> None:
        super().__init__(scope, _room_market, params, presence, last)
        self.on = MarketRoomHandlers(self)


class TickerJoin:
    """Rooms."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def market(self, *, last: Union[int, None] = None) -> MarketRoom:
        """Await it, or use it with `async with`. `last`: so many events of before follow, where the room keeps some."""
        return self._scope.client.join_room(MarketRoom(self._scope, None, None, last))


class TickerClient(tw.Client):
    """A client of the contract ticker: `async with TickerClient(url) as client:`."""

    def __init__(
        self,
        url: str,
        *,
        options: Union[tw.Options, None] = None,
    ) -> None:
        super().__init__(_contract, url, None, options)
        scope = self.scope("")
        self.call = TickerCalls(scope)
        self.on = TickerHandlers(scope)
        self.join = TickerJoin(scope)

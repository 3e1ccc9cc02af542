# Made by: typewire generate python examples/chat/src/contract.ts
# From the contract chat, of the fingerprint 9cM5tr3O0dgmbGYcNFDAGw.
# Do not edit: change the contract, and make it anew.
# It needs Python 3.11 and the package websockets, 10.4 or newer.

from __future__ import annotations

from datetime import datetime
from typing import Any, Awaitable, Callable, Dict, List, NotRequired, TypedDict, Union

import typewire_runtime as tw


class Message(TypedDict):
    author: Person
    id: str
    sentAt: datetime
    text: str


class Person(TypedDict):
    id: str
    name: str


class Room(TypedDict):
    id: str
    name: str
    topic: str


class Auth(TypedDict):
    # At least so long: 16. At most so long: 64.
    key: str
    # Pattern: ^[^\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+$. At least so long: 1. At most so long: 24.
    name: str


class OpenRoomTooManyRoomsData(TypedDict):
    max: float


class OpenRoomInput(TypedDict):
    # Pattern: ^[^\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+$. At least so long: 1. At most so long: 32.
    name: str


class SendTooFastData(TypedDict):
    retryAfterMs: float


class SendInput(TypedDict):
    # Pattern: ^[\w-]{16,64}$.
    id: str
    roomId: str
    # At least so long: 1. At most so long: 2000.
    text: str


class WelcomePayload(TypedDict):
    rooms: List[Room]
    you: Person


class ChatParams(TypedDict):
    roomId: str


class ChatPresenceInput(TypedDict):
    isAway: bool
    name: NotRequired[str]


class ChatPresence(TypedDict):
    isAway: bool
    name: str


class ChatTypingPayload(TypedDict):
    isTyping: bool
    person: Person


class ChatTypingInput(TypedDict):
    isTyping: bool


class OpenRoomTooManyRoomsError(tw.TypewireError):
    """openRoom answered TOO_MANY_ROOMS."""

    data: OpenRoomTooManyRoomsData


class SendNoSuchRoomError(tw.TypewireError):
    """send answered NO_SUCH_ROOM."""

    data: Dict[str, Any]


class SendTooFastError(tw.TypewireError):
    """send answered TOO_FAST."""

    data: SendTooFastData


_call_open_room = tw.Procedure("openRoom", errors={"TOO_MANY_ROOMS": (OpenRoomTooManyRoomsError, None)})
_call_send = tw.Procedure("send", errors={"NO_SUCH_ROOM": (SendNoSuchRoomError, None), "TOO_FAST": (SendTooFastError, None)}, idempotent=True)
_event_chat_typing = tw.Event("typing")
_room_chat = tw.RoomKind("chat", events={"message": tw.Event("message"), "typing": tw.Event("typing")})
_contract = tw.Contract(
    "9cM5tr3O0dgmbGYcNFDAGw",
    events={
        "rooms": tw.Event("rooms"),
        "welcome": tw.Event("welcome"),
    },
)


class ChatCalls:
    """Procedures."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    async def open_room(self, input: OpenRoomInput, *, timeout_s: Union[float, None] = None) -> Room:
        """Gives the room of this name, made if there is none.
        Raises OpenRoomTooManyRoomsError.
        """
        result: Room = await self._scope.client.call_procedure(self._scope, _call_open_room, input, timeout_s)
        return result

    async def send(self, input: SendInput, *, timeout_s: Union[float, None] = None) -> None:
        """Says something to everybody in a room. The sender has it like all others: as the event `message`. Twice with one id is once, so that it is safe to repeat.
        Raises SendNoSuchRoomError, SendTooFastError.
        """
        await self._scope.client.call_procedure(self._scope, _call_send, input, timeout_s)


class ChatHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def rooms(self, handler: Callable[[List[Room]], object]) -> Callable[[], None]:
        """All rooms, when there is another one.
        Calls the handler, or awaits it, at each of these; what is returned takes it back.
        """
        return self._scope.client.add_handler(self._scope, "rooms", handler)

    def welcome(self, handler: Callable[[WelcomePayload], object]) -> Callable[[], None]:
        """First of all, at every new session: who one is, and what there is.
        Calls the handler, or awaits it, at each of these; what is returned takes it back.
        """
        return self._scope.client.add_handler(self._scope, "welcome", handler)


class ChatRoomHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    def message(self, handler: Callable[[Message], object]) -> Callable[[], None]:
        """Somebody has said something.
        Calls the handler, or awaits it, at each of these; what is returned takes it back.
        """
        return self._scope.add_handler("message", handler)

    def typing(self, handler: Callable[[ChatTypingPayload], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.add_handler("typing", handler)


class ChatRoomEmit:
    """Events to the server."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    def typing(self, payload: ChatTypingInput, *, volatile: bool = False) -> None:
        """`volatile`: dropped where it cannot leave at once."""
        self._scope.emit_event(_event_chat_typing, payload, volatile)


class ChatRoomEmitWithAck:
    """Events to the server, which say that they were handled."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    async def typing(self, payload: ChatTypingInput, *, timeout_s: Union[float, None] = None) -> None:
        await self._scope.emit_event_with_ack(_event_chat_typing, payload, timeout_s)


class ChatRoom(tw.Room[ChatPresence]):
    """One of the rooms. Its last messages are kept, for who joins later."""

    def __init__(self, scope: tw.Scope, params: Any, presence: Any, last: Union[int, None]) -> None:
        super().__init__(scope, _room_chat, params, presence, last)
        self.on = ChatRoomHandlers(self)
        self.emit = ChatRoomEmit(self)
        self.emit_with_ack = ChatRoomEmitWithAck(self)

    async def set_presence(self, presence: ChatPresenceInput) -> None:
        """Says something else of itself to those in the room."""
        await self.say_presence(presence)


class ChatJoin:
    """Rooms."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def chat(self, params: ChatParams, *, presence: ChatPresenceInput, last: Union[int, None] = None) -> ChatRoom:
        """One of the rooms. Its last messages are kept, for who joins later.
        Await it, or use it with `async with`. `last`: so many events of before follow, where the room keeps some.
        """
        return self._scope.client.join_room(ChatRoom(self._scope, params, presence, last))


class ChatClient(tw.Client):
    """A client of the contract chat: `async with ChatClient(url) as client:`."""

    def __init__(
        self,
        url: str,
        *,
        auth: Union[Auth, Callable[[], Union[Auth, Awaitable[Auth]]]],
        options: Union[tw.Options, None] = None,
    ) -> None:
        super().__init__(_contract, url, auth, options)
        scope = self.scope("")
        self.call = ChatCalls(scope)
        self.on = ChatHandlers(scope)
        self.join = ChatJoin(scope)

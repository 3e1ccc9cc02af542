# Made by: typewire generate python tests/cli/generate-python/contract.ts
# From the contract shapes, of the fingerprint XvtTYx2znJgXy6EwUEa47A.
# Do not edit: change the contract, and make it anew.
# It needs Python 3.11 and the package websockets, 10.4 or newer.

from __future__ import annotations

from datetime import datetime
from typing import Any, AsyncIterable, Awaitable, Callable, Dict, Iterable, List, Literal, NotRequired, Set, Tuple, TypeAlias, TypedDict, Union

import typewire_runtime as tw


Everything = TypedDict(
    "Everything",
    {
        "at": "datetime",
        "big": "int",
        "byPair": "List[Tuple[EverythingByPairKey, int]]",
        "bytes": "bytes",
        "class": "str",
        "color": "Literal[\"red\", \"green\"]",
        "count": "int",
        "either": "Union[str, float]",
        # Format: email.
        "email": "str",
        "flag": "bool",
        "maybe": "NotRequired[str]",
        "not an-identifier": "str",
        "notANumber": "float",
        "nothing": "None",
        "nullable": "Union[float, None]",
        # At least so many: 2. At most so many: 2.
        "pair": "Tuple[str, float]",
        "places": "Dict[str, datetime]",
        "ratio": "float",
        "samples": "List[int]",
        "scores": "Dict[str, float]",
        "shape": "Shape",
        "site": "str",
        "small": "int",
        "tags": "Set[str]",
        # What it says.
        "text": "str",
        "tree": "Tree",
        "version": "Literal[2]",
    },
)


class EverythingByPairKey(TypedDict):
    x: float


Shape: TypeAlias = "Union[ShapeCircle, ShapePolygon]"


class ShapeCircle(TypedDict):
    kind: Literal["circle"]
    radius: float


class ShapePolygon(TypedDict):
    area: int
    corners: List[Tuple[float, float]]
    kind: Literal["polygon"]


class Tree(TypedDict):
    children: List[Tree]
    label: str


class Auth(TypedDict):
    name: str
    since: datetime


class AddInput(TypedDict):
    n: float


class ImportInput(TypedDict):
    table: str


class ListInput(TypedDict):
    last: float


class WorkBusyData(TypedDict):
    until: datetime


class WorkInput(TypedDict):
    n: float


class CountInput(TypedDict):
    to: float


class CountItem(TypedDict):
    n: int


class AskPayload(TypedDict):
    text: str


class AskAck(TypedDict):
    seen: Set[str]
    yes: bool


class NoticePayload(TypedDict):
    text: str


class NoteInput(TypedDict):
    n: float


class SaveInput(TypedDict):
    ids: Set[float]


class HallParams(TypedDict):
    id: str


class HallPresenceInput(TypedDict):
    mood: str


class HallPresence(TypedDict):
    mood: str


class HallSaidPayload(TypedDict):
    n: float
    tags: Set[str]


class HallSayInput(TypedDict):
    text: str


class HallVoteInput(TypedDict):
    text: str


class AdminAuth(TypedDict):
    code: str


class AdminBanInput(TypedDict):
    name: str


class AdminAuditPayload(TypedDict):
    text: str


class AdminLogLinePayload(TypedDict):
    text: str


class WorkBusyError(tw.TypewireError):
    """work answered BUSY."""

    data: WorkBusyData


class WorkClosedTodayError(tw.TypewireError):
    """work answered CLOSED_TODAY."""

    data: Dict[str, Any]


_call_add = tw.Procedure("add", idempotent=True)
_call_echo = tw.Procedure("echo", input=("ref", "Everything"), output=("ref", "Everything"))
_call_import_ = tw.Procedure("import", output="bigint", items="bigint", is_upload=True)
_call_list = tw.Procedure("list")
_call_slow = tw.Procedure("slow")
_call_work = tw.Procedure("work", errors={"BUSY": (WorkBusyError, None), "CLOSED_TODAY": (WorkClosedTodayError, None)})
_stream_count = tw.Procedure("count", output=("object", {"n": "bigint"}, ("n",), None), is_stream=True, is_keyed=True)
_stream_repeat = tw.Procedure("repeat", is_stream=True, is_upload=True)
_event_note = tw.Event("note")
_event_save = tw.Event("save", payload=("object", {"ids": ("set", None)}, ("ids",), None), ack="bigint", has_ack=True)
_event_hall_say = tw.Event("say")
_event_hall_typing = tw.Event("typing", has_payload=False)
_event_hall_vote = tw.Event("vote", has_ack=True)
_room_hall = tw.RoomKind("hall", events={"said": tw.Event("said", payload=("object", {"tags": ("set", None)}, ("n", "tags"), None))})
_call_admin_ban = tw.Procedure("ban")
_room_admin_log = tw.RoomKind("log", events={"line": tw.Event("line")})
_contract = tw.Contract(
    "XvtTYx2znJgXy6EwUEa47A",
    forms={
        "Everything": ("object", {"at": "Date", "big": "bigint", "byPair": ("pairs", None, "bigint"), "bytes": "bytes", "class": "string", "color": ("union", (("const", "red"), ("const", "green"))), "count": "integer", "either": ("union", ("string", "number")), "email": "string", "flag": "boolean", "maybe": "string", "not an-identifier": "string", "notANumber": "nan", "nothing": "null", "nullable": ("union", ("number", "null")), "pair": ("tuple", (None, None), False), "places": ("map", None, None), "ratio": "number", "samples": "Int16Array", "scores": ("record", None), "shape": ("ref", "Shape"), "site": "URL", "small": "bigint", "tags": ("set", None), "text": "string", "tree": ("ref", "Tree"), "version": ("const", 2)}, ("at", "big", "byPair", "bytes", "class", "color", "count", "either", "email", "flag", "not an-identifier", "notANumber", "nothing", "nullable", "pair", "places", "ratio", "samples", "scores", "shape", "site", "small", "tags", "text", "tree", "version"), None),
        "Shape": ("union", (("object", {"kind": ("const", "circle"), "radius": "number"}, ("kind", "radius"), None), ("object", {"area": "bigint", "corners": ("array", ("tuple", (None, None), False)), "kind": ("const", "polygon")}, ("area", "corners", "kind"), None))),
        "Tree": ("object", {"children": ("array", None), "label": "string"}, ("children", "label"), None),
    },
    events={
        "ask": tw.Event("ask", ack=("object", {"seen": ("set", None)}, ("seen", "yes"), None), has_ack=True),
        "bell": tw.Event("bell", has_payload=False),
        "notice": tw.Event("notice"),
        "admin/audit": tw.Event("audit"),
    },
    namespaces={
        "admin": None,
    },
)


class ShapesCalls:
    """Procedures."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    async def add(self, input: AddInput, *, timeout_s: Union[float, None] = None) -> float:
        result: float = await self._scope.client.call_procedure(self._scope, _call_add, input, timeout_s)
        return result

    async def echo(self, input: Everything, *, timeout_s: Union[float, None] = None) -> Everything:
        result: Everything = await self._scope.client.call_procedure(self._scope, _call_echo, input, timeout_s)
        return result

    async def import_(self, items: Union[Iterable[int], AsyncIterable[int]], head: ImportInput, *, timeout_s: Union[float, None] = None) -> int:
        result: int = await self._scope.client.call_procedure(self._scope, _call_import_, head, timeout_s, items)
        return result

    async def list(self, input: Union[ListInput, None] = None, *, timeout_s: Union[float, None] = None) -> List[str]:
        result: List[str] = await self._scope.client.call_procedure(self._scope, _call_list, tw.UNDEFINED if input is None else input, timeout_s)
        return result

    async def slow(self, *, timeout_s: Union[float, None] = None) -> None:
        await self._scope.client.call_procedure(self._scope, _call_slow, tw.UNDEFINED, timeout_s)

    async def work(self, input: WorkInput, *, timeout_s: Union[float, None] = None) -> float:
        """Doubles a number.
        Raises WorkBusyError, WorkClosedTodayError.
        """
        result: float = await self._scope.client.call_procedure(self._scope, _call_work, input, timeout_s)
        return result


class ShapesStreams:
    """Streams."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def count(self, input: CountInput, *, timeout_s: Union[float, None] = None) -> tw.Stream[CountItem]:
        return self._scope.client.open_stream(self._scope, _stream_count, input, timeout_s)

    def repeat(self, items: Union[Iterable[str], AsyncIterable[str]], *, timeout_s: Union[float, None] = None) -> tw.Stream[str]:
        return self._scope.client.open_stream(self._scope, _stream_repeat, tw.UNDEFINED, timeout_s, items)


class ShapesHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def ask(self, handler: Callable[[AskPayload], Union[AskAck, Awaitable[AskAck]]]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.client.add_handler(self._scope, "ask", handler)

    def bell(self, handler: Callable[[], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.client.add_handler(self._scope, "bell", handler)

    def notice(self, handler: Callable[[NoticePayload], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.client.add_handler(self._scope, "notice", handler)


class ShapesEmit:
    """Events to the server."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def note(self, payload: NoteInput, *, volatile: bool = False) -> None:
        """`volatile`: dropped where it cannot leave at once."""
        self._scope.client.emit_event(self._scope, _event_note, payload, volatile)

    def save(self, payload: SaveInput, *, volatile: bool = False) -> None:
        """`volatile`: dropped where it cannot leave at once."""
        self._scope.client.emit_event(self._scope, _event_save, payload, volatile)


class ShapesEmitWithAck:
    """Events to the server, which say that they were handled."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    async def note(self, payload: NoteInput, *, timeout_s: Union[float, None] = None) -> None:
        await self._scope.client.emit_event_with_ack(self._scope, _event_note, payload, timeout_s)

    async def save(self, payload: SaveInput, *, timeout_s: Union[float, None] = None) -> int:
        result: int = await self._scope.client.emit_event_with_ack(self._scope, _event_save, payload, timeout_s)
        return result


class HallRoomHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    def said(self, handler: Callable[[HallSaidPayload], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.add_handler("said", handler)


class HallRoomEmit:
    """Events to the server."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    def say(self, payload: HallSayInput, *, volatile: bool = False) -> None:
        """`volatile`: dropped where it cannot leave at once."""
        self._scope.emit_event(_event_hall_say, payload, volatile)

    def typing(self, *, volatile: bool = False) -> None:
        """`volatile`: dropped where it cannot leave at once."""
        self._scope.emit_event(_event_hall_typing, tw.UNDEFINED, volatile)

    def vote(self, payload: HallVoteInput, *, volatile: bool = False) -> None:
        """`volatile`: dropped where it cannot leave at once."""
        self._scope.emit_event(_event_hall_vote, payload, volatile)


class HallRoomEmitWithAck:
    """Events to the server, which say that they were handled."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    async def say(self, payload: HallSayInput, *, timeout_s: Union[float, None] = None) -> None:
        await self._scope.emit_event_with_ack(_event_hall_say, payload, timeout_s)

    async def typing(self, *, timeout_s: Union[float, None] = None) -> None:
        await self._scope.emit_event_with_ack(_event_hall_typing, tw.UNDEFINED, timeout_s)

    async def vote(self, payload: HallVoteInput, *, timeout_s: Union[float, None] = None) -> float:
        result: float = await self._scope.emit_event_with_ack(_event_hall_vote, payload, timeout_s)
        return result


class HallRoom(tw.Room[HallPresence]):
    """A room of the kind hall."""

    def __init__(self, scope: tw.Scope, params: Any, presence: Any, last: Union[int, None]) -> None:
        super().__init__(scope, _room_hall, params, presence, last)
        self.on = HallRoomHandlers(self)
        self.emit = HallRoomEmit(self)
        self.emit_with_ack = HallRoomEmitWithAck(self)

    async def set_presence(self, presence: HallPresenceInput) -> None:
        """Says something else of itself to those in the room."""
        await self.say_presence(presence)


class ShapesJoin:
    """Rooms."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def hall(self, params: HallParams, *, presence: HallPresenceInput, last: Union[int, None] = None) -> HallRoom:
        """Await it, or use it with `async with`. `last`: so many events of before follow, where the room keeps some."""
        return self._scope.client.join_room(HallRoom(self._scope, params, presence, last))


class ShapesAdminCalls:
    """Procedures."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    async def ban(self, input: AdminBanInput, *, timeout_s: Union[float, None] = None) -> bool:
        result: bool = await self._scope.client.call_procedure(self._scope, _call_admin_ban, input, timeout_s)
        return result


class ShapesAdminHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def audit(self, handler: Callable[[AdminAuditPayload], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.client.add_handler(self._scope, "audit", handler)


class AdminLogRoomHandlers:
    """Events that the server sends."""

    def __init__(self, scope: tw.Room[Any]) -> None:
        self._scope = scope

    def line(self, handler: Callable[[AdminLogLinePayload], object]) -> Callable[[], None]:
        """Calls the handler, or awaits it, at each of these; what is returned takes it back."""
        return self._scope.add_handler("line", handler)


class AdminLogRoom(tw.Room[None]):
    """A room of the kind log."""

    def __init__(self, scope: tw.Scope, params: Any, presence: Any, last: Union[int, None]) -> None:
        super().__init__(scope, _room_admin_log, params, presence, last)
        self.on = AdminLogRoomHandlers(self)


class ShapesAdminJoin:
    """Rooms."""

    def __init__(self, scope: tw.Scope) -> None:
        self._scope = scope

    def log(self, *, last: Union[int, None] = None) -> AdminLogRoom:
        """Await it, or use it with `async with`. `last`: so many events of before follow, where the room keeps some."""
        return self._scope.client.join_room(AdminLogRoom(self._scope, None, None, last))


class ShapesAdminNamespace:
    """The namespace admin: nothing of it is sent before it is open."""

    def __init__(self, client: tw.Client) -> None:
        self._scope = scope = client.scope("admin")
        self.call = ShapesAdminCalls(scope)
        self.on = ShapesAdminHandlers(scope)
        self.join = ShapesAdminJoin(scope)

    async def open(self, *, auth: Union[AdminAuth, Callable[[], Union[AdminAuth, Awaitable[AdminAuth]]]]) -> None:
        """Opens it, or shows new credentials. A function is asked again whenever it is opened again."""
        await self._scope.client.open_namespace(self._scope, auth)

    async def close(self) -> None:
        """Is done with it, and with what lies in it."""
        await self._scope.client.close_namespace(self._scope)


class ShapesNamespaces:
    """Namespaces, each opened by itself."""

    def __init__(self, client: tw.Client) -> None:
        self.admin = ShapesAdminNamespace(client)


class ShapesClient(tw.Client):
    """A client of the contract shapes: `async with ShapesClient(url) as client:`."""

    def __init__(
        self,
        url: str,
        *,
        auth: Union[Auth, Callable[[], Union[Auth, Awaitable[Auth]]]],
        options: Union[tw.Options, None] = None,
    ) -> None:
        super().__init__(_contract, url, auth, options)
        client = self
        scope = self.scope("")
        self.call = ShapesCalls(scope)
        self.stream = ShapesStreams(scope)
        self.on = ShapesHandlers(scope)
        self.emit = ShapesEmit(scope)
        self.emit_with_ack = ShapesEmitWithAck(scope)
        self.join = ShapesJoin(scope)
        self.namespaces = ShapesNamespaces(client)

import type { AnyContract } from '@typewire/core'
import { nothing } from '@typewire/core/internal'
import { authenticator } from './authenticate.ts'
import { compileHandlers, compileOutgoing, compileRoomKinds } from './compile.ts'
import { Connections } from './connections.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import { handlerArgs } from './dispatch/handler-args.ts'
import { listening } from './listening.ts'
import { ServerNode } from './node.ts'
import { readOptions, type ServerOptions } from './options.ts'
import { makeReach } from './reach.ts'
import { RoomRefs } from './rooms/room-refs.ts'
import { SessionFacades } from './session-facade.ts'
import type { Identified, Server, ServerSession } from './types.ts'

/**
 * Creates a server of a contract. It can listen once `implement` has given it its handlers.
 * @throws TypeError or RangeError for an option that cannot be, or `authenticate` missing where the contract has `auth`.
 */
export function createServer<C extends AnyContract, Ctx extends Identified = { readonly identity: null }>(
  contract: C,
  options: ServerOptions<C, Ctx> = {},
): Server<C, Ctx> {
  const settings = readOptions(options)
  if (contract.auth !== nothing && !options.authenticate) {
    throw new TypeError(
      'createServer: the contract asks for `auth`, so give `authenticate`: who would check it otherwise?',
    )
  }
  const roomKinds = compileRoomKinds(contract, settings.maxParamsLength)
  const node = new ServerNode(settings, compileOutgoing(contract.events.toClient), roomKinds)
  const roomRefs = new Map([...node.roomKinds].map(([name, kind]) => [name, new RoomRefs(node, kind)]))
  const reach = makeReach(node, roomRefs)
  const facades = new SessionFacades(node)
  const authenticate = authenticator(contract, options, node.incidents)
  const dispatcher = new Dispatcher(node, authenticate, reach, roomRefs)
  const connections = new Connections(node, authenticate, {
    onFrame: (session, frame) => dispatcher.dispatch(session, frame),
    onSettled: (session) => dispatcher.onSettled(session),
    onRenewed: (session) => dispatcher.onRenewed(session),
    makeFacade: (session) => facades.make(session),
    onOpen: (session) => {
      const handle = node.handlers.session
      if (!handle) return
      const run = async () => handle(handlerArgs(reach, session, session, {}))
      run().catch((error: unknown) => node.incidents.report(error, 'session', session.id))
    },
  })
  const listener = listening(node, connections)

  // Handlers and sessions are typed by the contract at the surface and by name inside; here the two meet.
  const server = {
    ...reach,
    implement(handlers: Parameters<Server<C, Ctx>['implement']>[0]) {
      node.setHandlers(compileHandlers(contract, handlers))
      return listener
    },
    get delivery() {
      return { ...node.leftOut }
    },
    sessions: { [Symbol.iterator]: () => facadesOf(node) },
    close: listener.close,
    [Symbol.asyncDispose]: () => listener.close(),
  }
  return server as unknown as Server<C, Ctx>
}

function* facadesOf({ sessions }: ServerNode): Iterator<ServerSession<Identified, AnyContract>> {
  for (const session of sessions.values()) yield session.facade
}

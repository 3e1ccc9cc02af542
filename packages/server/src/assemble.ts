import type { AnyContract } from '@typewire/core'
import { nothing } from '@typewire/core/internal'
import { type AnyAuthenticate, authenticator } from './authenticate.ts'
import { Connections } from './connections.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import { ServerNode } from './node.ts'
import { readOptions, type ServerOptions } from './options.ts'
import { makeReach } from './reach.ts'
import { RoomRefs } from './rooms/room-refs.ts'
import { facadesOf } from './session-facade.ts'
import type { Identified, NamespaceContexts } from './types.ts'

/**
 * Puts the parts of a server together, but for what listens.
 * @throws TypeError or RangeError for an option that cannot be, or an `authenticate` that is missing.
 */
export function assemble<C extends AnyContract, Ctx extends Identified, N extends NamespaceContexts>(
  contract: C,
  options: ServerOptions<C, Ctx, N>,
): { readonly node: ServerNode; readonly connections: Connections; readonly dispatcher: Dispatcher } {
  const node = new ServerNode(readOptions(options), contract)
  const roomRefs = new Map([...node.roomKinds].map(([name, kind]) => [name, new RoomRefs(node, kind)]))
  setSurfaces(node, roomRefs, options)
  const authenticate = authenticator(contract, options.authenticate, node.incidents)
  const dispatcher = new Dispatcher(node, authenticate, roomRefs)
  const connections = new Connections(node, authenticate, {
    onFrame: (session, frame) => dispatcher.dispatch(session, frame),
    onSettled: (session) => dispatcher.onSettled(session),
    onRenewed: (session) => dispatcher.onRenewed(session),
    onOpen: (session) => dispatcher.onOpened(session.accesses.root),
  })
  return { node, connections, dispatcher }
}

/** Gives each namespace what server code gets of it. @throws TypeError for an `authenticate` that is missing, or of no namespace. */
function setSurfaces(
  node: ServerNode,
  roomRefs: ReadonlyMap<string, RoomRefs>,
  { authenticate, namespaces = {} }: GivenAuthentication,
): void {
  for (const path of Object.keys(namespaces)) {
    if (node.namespaces.get(path)?.parent) continue
    throw new TypeError(`createServer({ namespaces }): the contract has no namespace '${path}'.`)
  }
  for (const namespace of node.namespaces.values()) {
    const { path, parent, contract } = namespace
    const own = parent ? namespaces[path]?.authenticate : authenticate
    const review = parent && namespaces[path]?.review
    if (review !== undefined && typeof review !== 'function') {
      throw new TypeError(`createServer({ namespaces }): review of '${path}' is not a function.`)
    }
    if (contract.auth !== nothing && !own) {
      const [what, where] = parent
        ? [`namespace ${path}`, `namespaces: { '${path}': { authenticate } }`]
        : ['contract', '`authenticate`']
      throw new TypeError(
        `createServer: the ${what} asks for \`auth\`, so give ${where}: who would check it otherwise?`,
      )
    }
    namespace.setSurface({
      reach: makeReach(node, namespace, roomRefs),
      makeFacade: facadesOf(node, namespace),
      authenticate: parent && own ? authenticator(contract, own, node.incidents, `authenticate of ${path}`) : undefined,
      review,
    })
  }
}

/** What `options` says of who is let in, by name. */
interface GivenAuthentication {
  readonly authenticate?: AnyAuthenticate | undefined
  readonly namespaces?:
    | Readonly<
        Record<string, { readonly authenticate: AnyAuthenticate; readonly review?: AnyAuthenticate | undefined }>
      >
    | undefined
}

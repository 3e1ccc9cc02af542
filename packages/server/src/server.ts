import type { AnyContract } from '@typewire/core'
import { assemble } from './assemble.ts'
import { callerMaker } from './caller/make-caller.ts'
import { compileHandlers } from './compile.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { Connections } from './connections.ts'
import { listening } from './listening.ts'
import { middlewareMaker } from './middleware/make-middleware.ts'
import type { Namespace } from './namespace.ts'
import type { ServerNode } from './node.ts'
import type { ContextsWithAuth, KnownPaths, NamespacesWithAuth, ServerOptions } from './options.ts'
import type { Identified, NamespaceContexts, Server, ServerLoad, ServerSession } from './types.ts'

/**
 * Creates a server of a contract. It can listen once `implement` has given it its handlers.
 * @throws TypeError or RangeError for an option that cannot be, or `authenticate` missing where the contract has `auth`.
 */
export function createServer<
  C extends AnyContract,
  Ctx extends Identified = { readonly identity: null },
  N extends NamespaceContexts & ContextsWithAuth<C> = ContextsWithAuth<C>,
>(
  contract: C,
  options: ServerOptions<C, Ctx, N> & KnownPaths<C, N> & NamespacesWithAuth<C> = {} as ServerOptions<C, Ctx, N> &
    KnownPaths<C, N> &
    NamespacesWithAuth<C>,
): Server<C, Ctx, N> {
  const { node, connections, dispatcher } = assemble<C, Ctx, N>(contract, options)
  const listener = listening(node, connections)

  // Handlers and sessions are typed by the contract at the surface and by name inside; here the two meet.
  const server = {
    ...publicReach(node, dispatcher, node.root),
    implement(handlers: Parameters<Server<C, Ctx, N>['implement']>[0]) {
      node.setHandlers(compileHandlers(node.namespaces.values(), handlers, node.settings.use))
      return listener
    },
    get load() {
      return loadOf(node, connections)
    },
    get delivery() {
      return { ...node.leftOut }
    },
    close: listener.close,
    [Symbol.asyncDispose]: () => listener.close(),
  }
  return server as unknown as Server<C, Ctx, N>
}

function loadOf({ sessions }: ServerNode, { counts }: Connections): ServerLoad {
  let queuedBytes = 0
  for (const { wire } of sessions.values()) queuedBytes += wire.queuedLength
  return { sessions: sessions.size, detachedSessions: sessions.detachedSize, connections: counts, queuedBytes }
}

/** The reach of a namespace, and what goes beyond it: for the code that has the server, not for each handler. */
function publicReach(node: ServerNode, dispatcher: Dispatcher, namespace: Namespace): object {
  const within = [...node.namespaces.values()].filter(({ parent }) => parent === namespace)
  const nameOf = ({ path }: Namespace) => path.slice(path.lastIndexOf('/') + 1)
  return {
    ...namespace.surface.reach,
    sessions: { [Symbol.iterator]: () => facadesIn(node, namespace) },
    middleware: middlewareMaker(namespace),
    caller: callerMaker(node, dispatcher, namespace),
    ns: Object.fromEntries(within.map((inner) => [nameOf(inner), publicReach(node, dispatcher, inner)])),
  }
}

function* facadesIn({ sessions }: ServerNode, namespace: Namespace): Iterator<ServerSession<Identified, AnyContract>> {
  for (const session of sessions.values()) {
    const access = session.accesses.get(namespace)
    if (access) yield access.facade
  }
}

import type { TypewireError } from '@typewire/core'
import { type ClosedFrame, isCount } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import type { Settings } from '../options.ts'
import type { Rooms } from '../parts/parts.ts'
import { ClientNamespace } from './client-namespace.ts'

/** What the application has given for a namespace. */
export interface GivenNamespace {
  readonly auth?: unknown
  readonly namespaces?: Readonly<Record<string, GivenNamespace | undefined>> | undefined
}

export interface ClientNamespacesOptions {
  readonly connection: Connection
  readonly rooms: Rooms
  readonly settings: Settings
  readonly given: GivenNamespace['namespaces']
}

/** The namespaces that were asked for, by path: each behind what it lies in. */
export class ClientNamespaces {
  readonly #options: ClientNamespacesOptions
  readonly #byPath = new Map<string, ClientNamespace>()

  constructor(options: ClientNamespacesOptions) {
    this.#options = options
  }

  /** Reading it sends nothing. */
  get(path: string): ClientNamespace {
    const known = this.#byPath.get(path)
    if (known) return known
    const { given, ...options } = this.#options
    const end = path.lastIndexOf('/')
    const parent = end === -1 ? undefined : this.get(path.slice(0, end))
    const { auth } = givenAt(given, path) ?? {}
    const namespace = new ClientNamespace({
      ...options,
      path,
      parent,
      auth,
      inside: () => this.#within(path),
    })
    this.#byPath.set(path, namespace)
    return namespace
  }

  onClosed([, path, reason, options]: ClosedFrame): void {
    const { reopen, received } = options === 0 ? {} : options
    const by = { mayReopen: reopen === true, received: isCount(received) ? received : undefined }
    for (const namespace of this.#within(path)) namespace.onClosed(path, reason, by)
  }

  /** There is a connection. */
  onConnected(): void {
    for (const namespace of this.#byPath.values()) namespace.resume()
  }

  /** Whether what the server sends of this name is heard: it may have been on its way when the client closed its namespace (NS-3). */
  isOpenFor(name: string): boolean {
    const end = name.lastIndexOf('/')
    return end === -1 || this.#byPath.get(name.slice(0, end))?.isOpen === true
  }

  onReplaced(): void {
    for (const namespace of this.#byPath.values()) namespace.onReplaced()
  }

  onOtherIdentity(reason: TypewireError): void {
    for (const namespace of this.#byPath.values()) namespace.onOtherIdentity(reason)
  }

  #within(path: string): readonly ClientNamespace[] {
    const paths = [...this.#byPath.keys()].filter((other) => other === path || other.startsWith(`${path}/`))
    return paths.sort((a, b) => a.length - b.length).map((found) => this.#byPath.get(found)!)
  }
}

function givenAt(given: GivenNamespace['namespaces'], path: string): GivenNamespace | undefined {
  let at: GivenNamespace | undefined = { namespaces: given }
  for (const name of path.split('/')) {
    const inner: GivenNamespace['namespaces'] = at?.namespaces
    at = inner && Object.hasOwn(inner, name) ? inner[name] : undefined
  }
  return at
}

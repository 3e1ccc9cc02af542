import type { AnyContract } from '@typewire/core'
import type { Access } from './access.ts'
import type { AnyAuthenticate, Authenticate } from './authenticate.ts'
import type { Identified, Reach, ServerSession } from './types.ts'

/** What server code gets of a contract, of whatever contract it is. */
export interface Surface {
  /** What handlers get as `server`. */
  readonly reach: Reach<AnyContract>
  /** Makes what handlers get as `session`. */
  readonly makeFacade: (access: Access) => ServerSession<Identified, AnyContract>
  /** Who may open it; `undefined`: whoever has opened its parent, as the same. */
  readonly authenticate: Authenticate | undefined
  /** Whether it stays open where what it lies in has other credentials; only where it has its own. */
  readonly review: AnyAuthenticate | undefined
}

/**
 * A contract where a server has it: at the root, which a hello opens, or in a namespace, which `$open` does. What is
 * compiled of it is in the same tables as the root's, under names that begin with its path (NS-1).
 */
export class Namespace {
  /** `admin`, or `admin/audit`; of the root it is empty. */
  readonly path: string
  readonly contract: AnyContract
  readonly parent: Namespace | undefined
  #surface: Surface | undefined

  constructor(contract: AnyContract, path = '', parent?: Namespace) {
    this.contract = contract
    this.path = path
    this.parent = parent
  }

  /** What a name of its contract is on the wire. */
  qualify(name: string): string {
    return this.path === '' ? name : `${this.path}/${name}`
  }

  /** Whether it is this one, or lies in it. */
  isWithin(other: Namespace): boolean {
    return this === other || (this.parent?.isWithin(other) ?? false)
  }

  /** There before anything can connect. */
  get surface(): Surface {
    return this.#surface!
  }

  setSurface(surface: Surface): void {
    this.#surface = surface
  }
}

/** A contract and all within it, by path, each behind its parent. */
export function namespacesOf(contract: AnyContract): ReadonlyMap<string, Namespace> {
  const all = new Map<string, Namespace>()
  const mount = (namespace: Namespace) => {
    all.set(namespace.path, namespace)
    for (const [name, inner] of Object.entries(namespace.contract.namespaces)) {
      mount(new Namespace(inner, namespace.qualify(name), namespace))
    }
  }
  mount(new Namespace(contract))
  return all
}

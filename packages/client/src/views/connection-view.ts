import type { CallOptions, Store } from '@typewire/core'
import type { ClientStatus } from '../types.ts'
import { ViewSource } from './view.ts'

/** How often the round trip is measured while somebody looks at it, in milliseconds. */
const everyMs = 10_000

/** What a view of the connection needs of a client. */
export interface Connected {
  readonly status: Store<ClientStatus>
  readonly ping: (options?: CallOptions) => Promise<number>
}

/** Where the client stands, and how long its server took to answer last. Replaced, never mutated. */
export type ConnectionSnapshot = ClientStatus & {
  /** The last round trip, in milliseconds; measured every 10 s while it is shown. `undefined` where there is no connection. */
  readonly latencyMs: number | undefined
}

const idle: ConnectionSnapshot = { state: 'idle', latencyMs: undefined }

/** The connection of a client: connects nothing. */
export class ConnectionView extends ViewSource<ConnectionSnapshot> {
  readonly #client: Connected
  #latencyMs: number | undefined
  #cached: { readonly status: ClientStatus; readonly snapshot: ConnectionSnapshot } = { status: idle, snapshot: idle }

  /** Also before anybody uses it: a component that is mounted late shows at once what is so. */
  override get current(): ConnectionSnapshot {
    const status = this.#client.status.current
    const { status: of, snapshot } = this.#cached
    if (of === status && snapshot.latencyMs === this.#latencyMs) return snapshot
    this.#cached = { status, snapshot: { ...status, latencyMs: this.#latencyMs } }
    return this.#cached.snapshot
  }

  constructor(client: Connected) {
    super(idle)
    this.#client = client
  }

  protected override begin(): () => void {
    const { status } = this.#client
    let timer: ReturnType<typeof setTimeout> | undefined
    let over = new AbortController()
    const measure = async ({ signal }: AbortController): Promise<void> => {
      try {
        this.#latencyMs = await this.#client.ping({ signal })
        this.publish()
      } catch {
        // It may be lost, which is told elsewhere, or was late: it is measured again.
      }
      if (!signal.aborted) timer = setTimeout(() => void measure(over), everyMs)
    }
    const stop = () => {
      over.abort()
      clearTimeout(timer)
    }
    let state: ClientStatus['state'] | undefined
    const update = () => {
      const isOpen = status.current.state === 'open'
      if (state !== status.current.state) {
        stop()
        over = new AbortController()
        this.#latencyMs = undefined
        if (isOpen) void measure(over)
      }
      state = status.current.state
      this.publish()
    }
    const off = status.subscribe(update)
    update()
    return () => {
      off()
      stop()
      this.#latencyMs = undefined
    }
  }

  protected override snapshot(): ConnectionSnapshot {
    return this.current
  }
}

const views = new WeakMap<Connected, ConnectionView>()

/** The view of a client's connection: one, however many look at it. */
export function connectionViewOf(client: Connected): ConnectionView {
  let view = views.get(client)
  if (!view) views.set(client, (view = new ConnectionView(client)))
  return view
}

import { type AnyContract, defineContract, event, procedure, room, type Schema } from '@typewire/core'

// What the client and the server of the transport suite say to each other. Their types are what the suite needs of
// them, so that it depends on neither.

/** Bytes, and a number to tell them by. */
export interface Parcel {
  readonly n: number
  readonly bytes: readonly Uint8Array<ArrayBuffer>[]
  /** Other things that are made of bytes. */
  readonly things?: readonly (Blob | ArrayBufferView)[]
}

const schema = <T>(expected: string, is: (value: unknown) => boolean): Schema<T, T> => ({
  '~standard': {
    version: 1,
    vendor: 'typewire-testkit',
    validate: (value) => (is(value) ? { value } : { issues: [{ message: `Expected ${expected}` }] }),
  },
})
const text = schema<string>('a string', (value) => typeof value === 'string')
const number = schema<number>('a number', (value) => typeof value === 'number')
const parcel = schema<Parcel>('a parcel', (value) => Array.isArray((value as Partial<Parcel> | null)?.bytes))
const params = schema<{ id: string }>('{ id }', (value) => typeof (value as { id?: unknown }).id === 'string')

export const transportContract = defineContract({
  auth: text,
  procedures: {
    echo: procedure({ input: text, output: text }),
    /** Throws its declared error. */
    fail: procedure({ input: text, errors: { REFUSED: text } }),
    /** Answers when the test says so. */
    wait: procedure({ input: text, output: text }),
    /** Answers with what it is given; where its number is below 0, with an error that holds it. */
    carry: procedure({ input: parcel, output: parcel, errors: { TORN: parcel } }),
  },
  events: {
    toServer: { up: event(number), ask: event(number, { ack: number }), note: event(text), upload: event(parcel) },
    toClient: {
      down: event(number),
      question: event(number, { ack: number }),
      news: event(text),
      download: event(parcel),
    },
  },
  rooms: {
    hall: room({
      params,
      events: {
        toServer: { say: event(text), show: event(parcel) },
        toClient: { said: event(text), shown: event(parcel) },
      },
    }),
  },
})

export type TransportContract = typeof transportContract
/** A named one, for short hovers. */
export type SuiteContract = TransportContract & AnyContract

type Args<Given> = Given & { readonly session: SuiteSession; readonly signal: AbortSignal }

/** What the suite gives to `implement`. */
export interface SuiteHandlers {
  readonly procedures: {
    readonly echo: (args: Args<{ readonly input: string }>) => string
    readonly fail: (args: Args<{ readonly input: string; readonly errors: SuiteErrors }>) => never
    readonly wait: (args: Args<{ readonly input: string }>) => Promise<string>
    readonly carry: (args: Args<{ readonly input: Parcel; readonly errors: CarryErrors }>) => Parcel
  }
  readonly events: {
    readonly up: (args: Args<{ readonly payload: number }>) => void
    readonly ask: (args: Args<{ readonly payload: number }>) => number
    readonly note: (args: Args<{ readonly payload: string }>) => void
    readonly upload: (args: Args<{ readonly payload: Parcel }>) => void
  }
  readonly rooms: {
    readonly hall: {
      readonly authorize: (args: { readonly params: { readonly id: string } }) => boolean
      readonly events: {
        readonly say: (args: Args<{ readonly payload: string; readonly room: SuiteRoom }>) => void
        readonly show: (args: Args<{ readonly payload: Parcel; readonly room: SuiteRoom }>) => void
      }
    }
  }
}

interface CarryErrors {
  readonly TORN: (data: Parcel) => Error
}

interface SuiteErrors {
  readonly REFUSED: (data: string) => Error
}

export interface SuiteRoom {
  readonly emit: { readonly said: (payload: string) => void; readonly shown: (payload: Parcel) => void }
}

interface SuiteEmit {
  readonly down: (payload: number) => void
  readonly news: (payload: string) => void
  readonly download: (payload: Parcel) => void
}

/** A session, as the server of the suite holds it. */
export interface SuiteSession {
  readonly id: string
  readonly identity: string | null
  readonly emit: SuiteEmit
  readonly emitWithAck: { readonly question: (payload: number) => Promise<number> }
  readonly close: (reason?: string) => void
}

export interface SuiteServer {
  readonly sessions: Iterable<SuiteSession>
  readonly emit: SuiteEmit
  readonly rooms: { readonly hall: (params: { id: string }) => SuiteRoom }
  readonly close: (options?: { readonly drainMs?: number }) => Promise<void>
}

/** Where a client stands, as far as the suite asks. */
export type SuiteStatus =
  | { readonly state: 'idle' | 'connecting' }
  | {
      readonly state: 'open'
      readonly transport: string
      readonly sessionId: string
      readonly recovered: boolean | undefined
    }
  | { readonly state: 'waiting'; readonly reason: string }
  | { readonly state: 'closed'; readonly reason: string; readonly error: Error | undefined }

interface SuiteCallOptions {
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

export interface SuiteHandle {
  readonly ready: Promise<unknown>
  readonly on: {
    readonly said: (handler: (payload: string) => void) => () => void
    readonly shown: (handler: (payload: Parcel) => void) => () => void
  }
  readonly emit: { readonly say: (payload: string) => void; readonly show: (payload: Parcel) => void }
  readonly leave: () => void
}

export interface SuiteClient {
  readonly call: {
    readonly echo: (input: string, options?: SuiteCallOptions) => Promise<string>
    readonly fail: (input: string, options?: SuiteCallOptions) => Promise<unknown>
    readonly wait: (input: string, options?: SuiteCallOptions) => Promise<string>
    readonly carry: (input: Parcel, options?: SuiteCallOptions) => Promise<Parcel>
  }
  readonly emit: {
    readonly up: (payload: number) => void
    readonly note: (payload: string) => void
    readonly upload: (payload: Parcel) => void
  }
  readonly emitWithAck: { readonly ask: (payload: number, options?: SuiteCallOptions) => Promise<number> }
  readonly on: {
    readonly down: (handler: (payload: number) => void) => () => void
    readonly question: (handler: (payload: number) => number) => () => void
    readonly news: (handler: (payload: string) => void) => () => void
    readonly download: (handler: (payload: Parcel) => void) => () => void
  }
  readonly join: { readonly hall: (params: { id: string }) => SuiteHandle }
  readonly status: { readonly current: SuiteStatus; readonly subscribe: (listener: () => void) => () => void }
  readonly connect: () => Promise<void>
  readonly close: () => Promise<void>
}

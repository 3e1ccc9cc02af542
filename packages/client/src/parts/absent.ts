import { Misuse } from '../as-typewire-error.ts'
import { handleEvent } from '../event-handlers.ts'
import { itemsOf } from '../item-source.ts'
import { plainCodec } from '../plain-codec.ts'
import { verbGroup } from '../verbs.ts'
import type { ClientParts, Namespaces, Rooms, Validation } from './parts.ts'

type Namespace = ReturnType<Namespaces['get']>

/** What stands in the place of parts that a client was not given: it says what is missing to whoever asks for it. */
export const absentParts: ClientParts = {
  codec: plainCodec,
  http: (names = []) => {
    const http = names.find((name) => name === 'http-stream' || name === 'http-poll')
    if (http) missing(`createClient({ transports: ['${http}'] })`, 'http')
    return []
  },
  rooms: ({ connection, onError }): Rooms => ({
    join: (_, kind) => missing(`join.${kind}`, 'rooms'),
    kind(name) {
      const refuse = refusing(`rooms.${name}`, 'rooms')
      return { on: verbGroup('on', () => refuse), onMissed: refuse, instances: storeOf(refuse) }
    },
    // Server code may join a client to a room, and wait for its acks.
    onEvent: (frame) => handleEvent(frame, [], connection, onError),
    onPresence: () => undefined,
    ...ignoring('onJoined', 'onPosition', 'onLeft', 'onSessionLost', 'onOpen', 'onLost', 'endIn', 'endAll'),
  }),
  namespaces: ({ given }): Namespaces => {
    if (given) missing('createClient({ namespaces })', 'namespaces')
    return {
      get(path) {
        const refuse = refusing(`ns.${path}`, 'namespaces')
        return {
          path,
          qualify: (name: string) => `${path}/${name}`,
          ask: refuse,
          emit: refuse,
          use: refuse,
          useQuietly: refuse,
          open: refuse,
          reauthenticate: refuse,
          close: refuse,
          status: storeOf(refuse),
        } as unknown as Namespace
      },
      isOpenFor: (name) => !name.includes('/'),
      ...ignoring('onClosed', 'onConnected', 'onReplaced', 'onOtherIdentity'),
    }
  },
  streams: {
    open: ({ origin }) => missing(`stream.${origin}`, 'streams'),
    uploadOf: (input, _, origin) =>
      itemsOf(input) && missing(`call.${origin}, whose input goes item by item,`, 'streams'),
  },
  validation: (contract): Validation => {
    if (contract) missing('createClient({ contract })', 'validation')
    return ignoring('call', 'stream', 'event', 'join', 'presence', 'roomEvent')
  },
}

function missing(what: string, part: keyof ClientParts): never {
  throw new Misuse(
    `${what} needs the part \`${part}\`: createClient({ use: [${part}] }), with ${part} of '@typewire/client/lean'.`,
  )
}

/** Whoever looks at what is not there is told nothing yet, as a tool may look at anything: who uses it is. */
const refusing = (what: string, part: keyof ClientParts) => () => missing(what, part)

const storeOf = (refuse: () => never) => ({
  subscribe: refuse,
  get current() {
    return refuse()
  },
})

/** Methods that do nothing. */
function ignoring<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, () => void>> {
  return Object.fromEntries(names.map((name) => [name, () => {}])) as Record<Name, () => void>
}

import { handleEvent } from '../event-handlers.ts'
import { itemsOf } from '../item-source.ts'
import { plainCodec } from '../plain-codec.ts'
import type { ClientParts, Namespaces, Rooms, Validation } from './parts.ts'

/** What stands in the place of parts that a client was not given: it says what is missing to whoever asks for it. */
export const absentParts: ClientParts = {
  codec: plainCodec,
  http: (names = []) => {
    const http = names.find((name) => name === 'http-stream' || name === 'http-poll')
    if (http) throw missing(`createClient({ transports: ['${http}'] })`, 'http')
    return []
  },
  rooms: ({ connection, onError }): Rooms => ({
    join: (_, kind) => {
      throw missing(`join.${kind}`, 'rooms')
    },
    kind: (name) => {
      throw missing(`rooms.${name}`, 'rooms')
    },
    // Server code may join a client to a room, and wait for its acks.
    onEvent: (frame) => handleEvent(frame, [], connection, onError),
    onPresence: () => undefined,
    ...ignoring('onJoined', 'onPosition', 'onLeft', 'onSessionLost', 'onOpen', 'onLost', 'endIn', 'endAll'),
  }),
  namespaces: ({ given }): Namespaces => {
    if (given) throw missing('createClient({ namespaces })', 'namespaces')
    return {
      get: (path) => {
        throw missing(`ns.${path}`, 'namespaces')
      },
      isOpenFor: (name) => !name.includes('/'),
      ...ignoring('onClosed', 'onConnected', 'onReplaced', 'onOtherIdentity'),
    }
  },
  streams: {
    open: ({ origin }) => {
      throw missing(`stream.${origin}`, 'streams')
    },
    uploadOf: (input, _, origin) => {
      if (itemsOf(input)) throw missing(`call.${origin}, whose input goes item by item,`, 'streams')
      return undefined
    },
  },
  validation: (contract): Validation => {
    if (contract) throw missing('createClient({ contract })', 'validation')
    return ignoring('call', 'stream', 'event', 'join', 'presence', 'roomEvent')
  },
}

function missing(what: string, part: keyof ClientParts): TypeError {
  return new TypeError(
    `${what} needs the part \`${part}\`: createClient({ use: [${part}] }), with ${part} of '@typewire/client/lean'.`,
  )
}

/** Methods that do nothing. */
function ignoring<Name extends string>(...names: readonly Name[]): Readonly<Record<Name, () => void>> {
  return Object.fromEntries(names.map((name) => [name, () => {}])) as Record<Name, () => void>
}

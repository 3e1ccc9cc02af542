import {
  decodePayload,
  decodeWithoutBytes,
  encodeContainer,
  encodePayload,
  encodeWithoutBytes,
  parseBinaryMessage,
} from '@typewire/core/internal'
import { Outbox } from '../outbox.ts'
import type { ClientParts } from './parts.ts'

/** Dates, bigints, sets, maps, bytes and the others that Typewire carries beside plain JSON (docs/payloads.md). */
export const richTypes: Pick<ClientParts, 'codec'> = {
  codec: {
    encode: (value) => encodePayload(value),
    encodeText: encodeWithoutBytes,
    decode: decodePayload,
    decodePresence: decodeWithoutBytes,
    readBinary: parseBinaryMessage,
    writeBinary: encodeContainer,
    outbox: (options) => new Outbox(options),
  },
}

import { openStream } from '../streams.ts'
import { uploadOf } from '../uploads.ts'
import type { ClientParts } from './parts.ts'

/** `client.stream`, and calls whose input goes item by item. */
export const streams: Pick<ClientParts, 'streams'> = { streams: { open: openStream, uploadOf } }

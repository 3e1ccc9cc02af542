import { openStream } from '../streams.ts'
import { uploadOf } from '../uploads.ts'
import type { ClientPart } from './parts.ts'

/** `client.stream`, and calls whose input goes item by item. */
export const streams = { streams: { open: openStream, uploadOf } } as const satisfies ClientPart

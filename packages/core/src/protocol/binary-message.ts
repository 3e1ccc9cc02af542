import { type Container, ContainerError, decodeContainer } from '../codec/container.ts'
import { malformed, type ProtocolError } from './protocol-error.ts'

/** The batch and the parts of a binary WebSocket message, or the clause that it breaks. */
export function parseBinaryMessage(message: Uint8Array): Container | ProtocolError {
  try {
    return decodeContainer(message)
  } catch (error) {
    if (!(error instanceof ContainerError)) throw error
    return malformed('WR-3', `a binary message that is ${error.message}`)
  }
}

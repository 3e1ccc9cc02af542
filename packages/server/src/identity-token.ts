import { createHash } from 'node:crypto'

/** 128 bits in base64url: that two identities of one client have the same is not to be feared. */
const tokenLength = 22

/**
 * Lets a client object see whether it is the same one to the server as before, also after a restart (RS-10). Tells
 * nobody who that is: with the client's own random `instance` in it, tokens of two clients cannot even be compared.
 */
export function identityToken(identity: string, instance: string): string {
  return createHash('sha256').update(`${instance}\n${identity}`).digest('base64url').slice(0, tokenLength)
}

import type { Client, ErrorOf } from '@typewire/client'
import { useCall } from '@typewire/react'
import type { Chat } from '../contract.ts'
import { addressOf } from './use-address.ts'

/** Opens a room by its name, makes it if it is not there, and goes there. Resolves to what went wrong, in words. */
export function useOpenRoom(client: Client<Chat>): (name: string) => Promise<string> {
  const { run } = useCall(client.call.openRoom)
  return async (name) => {
    const result = await run({ name }, { timeoutMs: 10_000 })
    if (!result.ok) return describe(result.error)
    location.hash = addressOf(result.data.id)
    return ''
  }
}

function describe(error: ErrorOf<Client<Chat>['call']['openRoom']>): string {
  switch (error.code) {
    case 'TOO_MANY_ROOMS':
      return `There are ${error.data.max} rooms already: no more fit in.`
    case 'INVALID_INPUT':
      return error.issues?.[0]?.message ?? error.message
    case 'TIMED_OUT':
      return 'The server has not answered. Try again once there is a connection.'
    default:
      return error.message
  }
}

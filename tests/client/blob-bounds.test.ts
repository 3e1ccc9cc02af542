// What waits for a Blob to be read is counted as it will be when it is sent: so what was let wait is not refused then.

import { defineContract, event, type Named, procedure, room, TypewireError } from '@typewire/core'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { startClient } from '../support/clients.ts'
import { eventually, quiet } from '../support/eventually.ts'
import { heldBlob } from '../support/held-blob.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const calls = { procedures: { carry: procedure({ input: z.unknown(), output: z.unknown() }) } }
const toServer = { put: event(z.unknown()), ask: event(z.unknown(), { ack: z.unknown() }) }
const contract = defineContract({
  ...calls,
  events: { toServer },
  rooms: { hall: room({ events: { toServer } }) },
  namespaces: { lab: defineContract({ ...calls, events: { toServer } }) },
})
interface Site extends Named<typeof contract> {}

/** A client without a server, what it may ask, and the codes of what has ended. */
function offline() {
  const { client, errors } = startClient<Site>('http://127.0.0.1:9')
  const hall = client.join.hall()
  const ended: string[] = []
  /** @throws TypewireError what refuses it at once. */
  const asking =
    (verb: (payload: unknown) => Promise<unknown>) =>
    async (payload: unknown): Promise<void> => {
      let refused: unknown
      let isRefused = false
      verb(payload).catch((error: unknown) => {
        isRefused = true
        refused = error
        ended.push(error instanceof TypewireError ? error.code : String(error))
      })
      for (let turns = 0; turns < 10; turns++) await Promise.resolve()
      if (!isRefused) return
      ended.pop()
      throw refused
    }
  const asks = [
    client.call.carry,
    client.ns.lab.call.carry,
    client.emitWithAck.ask,
    client.ns.lab.emitWithAck.ask,
    hall.emitWithAck.ask,
  ]
  const emits = [client.emit.put, client.ns.lab.emit.put, hall.emit.put]
  return { client, errors, ended, asks: asks.map((verb) => asking(verb as never)), emits }
}

const overloaded = { code: 'OVERLOADED' }

test('requests count among all that are asked: 10,000 may be without an answer, and one more may not', async () => {
  const { client, ended, errors, asks } = offline()
  // The join of the room is one of them.
  for (let n = 0; n < 9_993; n++) await asks[n % 5]!(n)
  const held = heldBlob('x')
  await asks[0]!(held.blob)
  for (const ask of asks) await ask('behind')
  for (const ask of asks) await expect(ask('one more')).rejects.toMatchObject(overloaded)
  await expect(asks[0]!(heldBlob('x').blob)).rejects.toMatchObject(overloaded)
  held.release()
  await quiet()
  expect(ended).toEqual([])
  for (const ask of asks) await expect(ask('one more')).rejects.toMatchObject(overloaded)
  await client.close()
  await eventually(() => ended.length === 9_999, 'all have ended')
  expect([new Set(ended), errors]).toEqual([new Set(['CLOSED']), []])
})

test.each([0, 1, 2, 3, 4])('in bytes, too, whatever is sent: all that was let wait goes on (%i)', async (which) => {
  const { client, ended, errors, asks, emits } = offline()
  const helds = Array.from({ length: 4 }, () => heldBlob('x'.repeat(900_000)))
  for (const { blob } of helds) await asks[which]!(blob)
  let waiting = helds.length
  let emitted = 0
  const refused: unknown[] = []
  // Long ones first, then short ones, until not even those are taken.
  for (const length of [1_000, 100, 1]) {
    for (let isTaken = true; isTaken;) {
      const payload = 'x'.repeat(length)
      try {
        await asks[which]!(payload)
        waiting++
        for (const emit of length === 1 ? [] : emits) {
          emit(payload)
          emitted++
        }
      } catch (error) {
        refused.push(error)
        isTaken = false
      }
    }
  }
  expect(refused).toMatchObject([overloaded, overloaded, overloaded])
  expect([waiting > 50, emitted > 200]).toEqual([true, true])
  for (const held of helds) held.release()
  await quiet()
  expect([ended, errors]).toEqual([[], []])
  await client.close()
  await eventually(() => ended.length === waiting, 'all have ended')
  expect(new Set(ended)).toEqual(new Set(['CLOSED']))
  expect(errors).toMatchObject([
    { code: 'CLOSED', message: expect.stringMatching(new RegExp(`^${emitted} events`)) as unknown },
  ])
})

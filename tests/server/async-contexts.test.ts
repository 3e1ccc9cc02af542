// What `AsyncLocalStorage` holds for one request is seen by nothing that runs for another.
import { AsyncLocalStorage } from 'node:async_hooks'
import { createClient } from '@typewire/client'
import { defineContract, event, type Named, procedure } from '@typewire/core'
import { createServer } from '@typewire/server'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

test('a time limit that passes is told in no other request’s context', async () => {
  const contract = defineContract({
    procedures: { ask: procedure({}) },
    events: {
      toServer: { note: event(z.string()) },
      toClient: { question: event(z.string(), { ack: z.string() }) },
    },
  })
  interface Asked extends Named<typeof contract> {}
  const requests = new AsyncLocalStorage<string>()
  const told: unknown[] = []
  let notes = 0
  const server = createServer(contract as Asked, {
    timeoutMs: 50,
    onError: () => void told.push(requests.getStore()),
  })
  const { url } = await serve(
    server.implement({
      procedures: {
        // Its time limit is the first that is set: the others wait on the same timer.
        ask: ({ session }) =>
          requests.run('ask', () => {
            session.emitWithAck.question('?').catch(() => {})
          }),
      },
      events: {
        note: () => {
          notes++
          return new Promise<void>(() => {})
        },
      },
    }),
  )
  const clients = [createClient<Asked>({ url }), createClient<Asked>({ url })] as const
  onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))))
  const [first, second] = clients
  first.on.question(() => new Promise(() => {}))
  await second.connect()
  await first.call.ask()
  second.emit.note('x')
  await eventually(() => notes === 1, 'the note is handled')
  await eventually(() => told.length > 0, 'onError is told')
  expect(told).toEqual([undefined])
})

// One end of a stream and an upload of ten million items, in a process of its own: the heaps of both ends are apart.
// Told what to do by the process that has started it; ends with that.

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@typewire/client'
import { defineContract, type Items, type Named, procedure, stream, upload } from '@typewire/core'
import { createServer } from '@typewire/server'
import { heapBytes } from '@typewire/testkit'
import { z } from 'zod'

const contract = defineContract({
  procedures: { sum: procedure({ input: upload(z.number()), output: z.number() }), ping: procedure({}) },
  streams: { count: stream({ items: z.number() }) },
})
interface Many extends Named<typeof contract> {}

const total = 10_000_000
const readCount = 100

/** What is asked of either end, by name. */
type Commands = Record<string, (given: string) => unknown>

/** The items of one end: how many it has made, and whether it was told to end. */
function source() {
  const state = { made: 0, isOver: false }
  async function* items() {
    try {
      while (state.made < total) yield ++state.made
    } finally {
      state.isOver = true
    }
  }
  return { state, items }
}

function serverCommands(): Commands {
  const { state, items } = source()
  let read = 0
  let release = () => {}
  const server = createServer(contract as Many)
  const listening = server.implement({
    procedures: {
      ping: () => {},
      sum: async ({ input }) => {
        const iterator = input[Symbol.asyncIterator]()
        for (read = 0; read < readCount; read++) await iterator.next()
        await new Promise<void>((resolve) => (release = resolve)) // neither reads on nor leaves
        return read
      },
    },
    streams: { count: items },
  })
  return {
    async listen() {
      const http = createHttpServer()
      listening.attach(http)
      http.listen(0, '127.0.0.1')
      await once(http, 'listening')
      return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    },
    state: () => ({ ...state, read }),
    release: () => release(),
  }
}

function clientCommands(): Commands {
  const { state, items } = source()
  let client: ReturnType<typeof createClient<Many>>
  let numbers: Items<number>
  let answer: Promise<number>
  return {
    async connect(given) {
      const [url, transport] = given.split(' ') as [string, 'websocket']
      client = createClient<Many>({ url, transports: [transport] })
      await client.call.ping()
    },
    async read() {
      numbers = client.stream.count()
      for (let n = 0; n < readCount; n++) await numbers.next()
    },
    leave: () => numbers.return!().then(() => undefined),
    upload() {
      answer = client.call.sum(items())
    },
    answer: () => answer,
    state: () => state,
    close: () => client.close(),
  }
}

const commands: Commands = { ...(process.argv[2] === 'server' ? serverCommands() : clientCommands()), heap: heapBytes }

process.on('disconnect', () => process.exit())
process.on('message', ([name, given]: [string, string]) => {
  const run = async () => commands[name]!(given)
  run().then(
    (value) => process.send!({ value }),
    (error: unknown) => process.send!({ error: String(error) }),
  )
})

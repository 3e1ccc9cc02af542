// Histories of events that hold bytes: they come back as bytes, in the order of the others.

import { createClient } from '@typewire/client'
import { defineContract, event, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'

const contract = defineContract({
  rooms: {
    board: room({ events: { toClient: { drawn: event(z.instanceof(Uint8Array)), named: event(z.date()) } } }),
  },
})

test('events with bytes are heard first, and read in pages', async () => {
  const server = createServer(contract)
  const ready = server.implement({ rooms: { board: { authorize: () => true, history: {} } } })
  const { url } = await serve(ready)
  const board = server.rooms.board()
  board.emit.drawn(new Uint8Array([1, 2]))
  board.emit.named(new Date(5))
  board.emit.drawn(new Uint8Array([3]))
  const client = createClient<typeof contract>({ url })
  onTestFinished(() => client.close())
  const handle = client.join.board(undefined, { last: 3 })
  const heard: unknown[] = []
  handle.on.drawn((bytes) => void heard.push([...bytes]))
  handle.on.named((at) => void heard.push(at))
  await handle.ready
  await eventually(() => heard.length === 3, 'all are heard')
  expect(heard).toEqual([[1, 2], new Date(5), [3]])
  const { events, before } = await handle.history()
  expect(events.map(({ name, payload, offset }) => [name, payload, offset])).toEqual([
    ['drawn', new Uint8Array([1, 2]), 1],
    ['named', new Date(5), 2],
    ['drawn', new Uint8Array([3]), 3],
  ])
  const { events: last } = await handle.history({ limit: 1, before: { ...before, offset: 3 } })
  expect(last).toEqual([{ name: 'named', payload: new Date(5), offset: 2 }])
})

test('events with blobs are kept in the order in which they were emitted, heard first, and read in pages', async () => {
  const files = defineContract({
    rooms: {
      board: room({ events: { toClient: { filed: event(z.file()), drawn: event(z.instanceof(Uint8Array)) } } }),
    },
  })
  const server = createServer(files)
  const { url } = await serve(server.implement({ rooms: { board: { authorize: () => true, history: {} } } }))
  server.rooms.board().emit.filed(new File(['one'], 'a.txt', { type: 'text/plain', lastModified: 5 }))
  server.rooms.board().emit.drawn(new Uint8Array([2]))
  const client = createClient<typeof files>({ url })
  onTestFinished(() => client.close())
  const handle = client.join.board(undefined, { last: 2 })
  const heard: unknown[] = []
  const told = async (file: File) => [file.name, file.type, file.lastModified, await file.text()]
  handle.on.filed((file) => void heard.push(file))
  handle.on.drawn((bytes) => void heard.push(bytes))
  await eventually(() => heard.length === 2, 'both are heard')
  expect(await told(heard[0] as File)).toEqual(['a.txt', 'text/plain', 5, 'one'])
  expect(heard[1]).toEqual(new Uint8Array([2]))
  const { events } = await handle.history()
  expect(events.map(({ name, offset }) => [name, offset])).toEqual([
    ['filed', 1],
    ['drawn', 2],
  ])
  expect(await told(events[0]!.payload as File)).toEqual(['a.txt', 'text/plain', 5, 'one'])
})

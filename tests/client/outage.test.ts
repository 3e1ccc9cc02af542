import { frames } from '@typewire/core/internal'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, rawServer } from './clients.ts'

failOnUnhandledRejections()

test('a room survives an outage of ten minutes: the join waits for as long as the server is away', async () => {
  const server = await rawServer()
  const client = server.client({ reconnect: { random: () => 0.5 } })
  const hall = client.join.hall({ id: 'h' })
  const peer = await server.welcome()
  const [, id] = await peer.read()
  peer.send([frames.result.kind, id, { room: 1 }])
  await hall.ready
  peer.cut()
  await is(client, 'waiting')
  const untilItTries = async () => {
    while (client.status.current.state === 'waiting') await client.clock.advance(500)
  }
  // Attempts of the outage are cut before they are welcomed.
  for (const began = client.clock.now(); client.clock.now() - began < 600_000;) {
    await untilItTries()
    const refused = await server.accept()
    refused.cut()
    await is(client, 'waiting')
    expect(hall.status.current.state).toBe('rejoining')
  }
  await untilItTries()
  const again = await server.welcome()
  const [, next] = await again.read()
  again.send([frames.result.kind, next, { room: 2 }])
  await eventually(() => hall.status.current.state === 'joined', 'the room is joined again')
})

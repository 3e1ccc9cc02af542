import { describe, expect, test } from 'vitest'
import { eventually, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { rawServer } from './clients.ts'

failOnUnhandledRejections()

describe('client.ping', () => {
  test.each(['websocket', 'http-stream', 'http-poll'] as const)(
    'connects, and says how long it took: %s',
    async (by) => {
      const lab = await startLab()
      const client = lab.client({ transports: [by] })
      expect(await client.ping()).toBe(0) // its clock stands
      expect(client.status.current.state).toBe('open')
    },
  )

  test('SQ-7: takes the time from the ping to its pong, by the clock of the client', async () => {
    const server = await rawServer()
    const client = server.client()
    const ping = client.ping()
    const peer = await server.welcome()
    await peer.readKind(4)
    await client.clock.advance(120)
    peer.send([5, 0, 0])
    expect(await ping).toBe(120)
  })

  test('fails when the connection is lost, when its time is over, and by its signal', async () => {
    const server = await rawServer()
    const client = server.client()
    const slow = settled(client.ping({ timeoutMs: 1_000 }), 'the slow one')
    const over = new AbortController()
    const aborted = settled(client.ping({ signal: over.signal }), 'the aborted one')
    const lost = settled(client.ping(), 'the lost one')
    const peer = await server.welcome()
    await peer.readKind(4)
    await client.clock.advance(1_010)
    expect(await slow).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    over.abort()
    expect(await aborted).toMatchObject({ reason: { code: 'ABORTED' } })
    peer.cut()
    expect(await lost).toMatchObject({ reason: { code: 'SESSION_LOST' } })
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    await client.close()
    await expect(client.ping()).rejects.toMatchObject({ code: 'CLOSED' })
    await expect(client.ping({ timeoutMs: 0 })).rejects.toThrow(RangeError)
  })
})

import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, rawServer } from './clients.ts'

failOnUnhandledRejections()

describe('close', () => {
  test('settles everything with CLOSED, says goodbye, and resolves when the link is down', async () => {
    const lab = await startLab({
      handlers: {
        procedures: { work: () => new Promise(() => {}) },
        events: { save: () => new Promise<never>(() => {}) },
      },
    })
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' })
    await hall.ready
    const office = client.join.office({ id: 'o' })
    const waiting = [
      settled(client.call.work({ n: 1 }), 'the call'),
      settled(client.emitWithAck.save({ n: 1 }), 'the ack'),
      settled(office.ready, 'the join'),
    ]
    const tried = client.try.work({ n: 2 })
    await client.close()
    for (const result of waiting) expect(await result).toMatchObject({ reason: { code: 'CLOSED' } })
    expect(await tried).toMatchObject({ ok: false, error: { code: 'CLOSED' } })
    expect(client.status.current).toEqual({ state: 'closed', reason: 'close() was called', error: undefined })
    expect(client.clock.pending).toBe(0)
    await eventually(() => [...lab.server.sessions].length === 0, 'the session is over')
    expect(client.errors).toEqual([])
  })

  test('CL-1: writes what was queued, and then the close frame', async () => {
    const server = await rawServer()
    const client = server.client()
    const [, peer] = await Promise.all([client.connect(), server.welcome()])
    client.emit.note({ n: 1 })
    client.emit.note({ n: 2 })
    await client.close()
    expect([await peer.read(), await peer.read(), await peer.read()]).toEqual([
      [frames.event.kind, 0, 'note', 0, { n: 1 }],
      [frames.event.kind, 0, 'note', 0, { n: 2 }],
      [frames.close.kind, 1000, expect.any(String), 0],
    ])
    expect(await peer.closed()).toMatchObject({ code: 1000 })
  })

  test('ends the handles of rooms: they are left', async () => {
    const lab = await startLab()
    const client = lab.client()
    const joined = client.join.hall({ id: 'h' })
    await joined.ready
    const states: string[] = []
    joined.status.subscribe(() => states.push(joined.status.current.state))
    await client.close()
    expect(joined.status.current).toMatchObject({ state: 'left', by: 'client', reason: { code: 'CLOSED' } })
    expect(states).toEqual(['left'])
    await joined.ready // as it was
  })

  test('makes later use reject, or throw where nothing is awaited, with CLOSED', async () => {
    const server = await rawServer()
    const client = server.client()
    await client.close()
    const closed = { code: 'CLOSED' }
    await expect(client.call.echo('x')).rejects.toMatchObject({ ...closed, origin: 'echo' })
    expect(await client.try.echo('x')).toMatchObject({ ok: false, error: closed })
    await expect(client.emitWithAck.save({ n: 1 })).rejects.toMatchObject(closed)
    expect(() => client.emit.note({ n: 1 })).toThrow(expect.objectContaining(closed) as Error)
    const hall = client.join.hall({ id: 'h' })
    await expect(hall.ready).rejects.toMatchObject(closed)
    expect(() => hall.emit.say({ text: 'x' })).toThrow(expect.objectContaining({ name: 'TypewireError' }) as Error)
    await expect(client.connect()).rejects.toMatchObject(closed)
    expect(() => client.on.notice(() => {})).not.toThrow()
    await quiet()
    expect(client.status.current.state).toBe('closed')
    expect(client.clock.pending).toBe(0)
  })

  test.each(['idle', 'connecting', 'waiting', 'open'] as const)(
    'works while the client is %s, and twice is once',
    async (state) => {
      const server = await rawServer()
      const client = server.client({ reconnect: { random: () => 0.5 } })
      const call = state === 'idle' ? undefined : settled(client.call.echo('x'), 'the call')
      if (state === 'waiting') (await server.accept()).cut()
      if (state === 'open') await server.welcome()
      await is(client, state)
      const seen: string[] = []
      client.status.subscribe(() => seen.push(client.status.current.state))
      await Promise.all([client.close(), client.close()])
      await client.close()
      expect(seen).toEqual(['closed'])
      expect((await call)?.status ?? 'rejected').toBe('rejected')
      expect(client.clock.pending).toBe(0)
    },
  )

  test('works while `auth` is still asked, whose answer comes too late', async () => {
    const server = await rawServer()
    let give = (_: unknown) => {}
    const client = server.client({
      auth: (() => new Promise((resolve) => (give = resolve))) as never,
      connect: 'eager',
    })
    await quiet()
    await client.close()
    give({ token: 'x' })
    const come = await Promise.race([server.accept().catch(() => 'none'), quiet().then(() => 'none')])
    expect(come).toBe('none')
  })

  test('twice: both resolve when the link is down', async () => {
    const lab = await startLab()
    const client = lab.client()
    await client.connect()
    const first = client.close()
    await client.close()
    expect([...lab.server.sessions]).toEqual([])
    await first
  })

  test('of `await using` is the same', async () => {
    const lab = await startLab()
    {
      await using client = lab.client()
      expect(await client.call.echo('x')).toBe('x')
    }
    await eventually(() => [...lab.server.sessions].length === 0, 'the session is over')
    expect(lab.clock.pending).toBe(0)
  })

  test('in a handler of what settles by it, and in a status listener, is harmless', async () => {
    const lab = await startLab({ handlers: { procedures: { work: () => new Promise(() => {}) } } })
    const client = lab.client()
    await client.connect()
    client.status.subscribe(() => void client.close())
    const call = client.call.work({ n: 1 }).catch((error: { code: string }) => {
      void client.close()
      return error.code
    })
    await client.close()
    expect(await call).toBe('CLOSED')
    expect(client.errors).toEqual([])
  })

  test('SESSION_CLOSED by the server: what was in flight is lost, its outcome unknown; connect() begins anew', async () => {
    const lab = await startLab({ handlers: { procedures: { work: () => new Promise(() => {}) } } })
    const client = lab.client()
    await client.connect()
    const call = settled(client.call.work({ n: 1 }), 'the call')
    await quiet()
    lab.session().close('go away')
    expect(await call).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'unknown', origin: 'work' } })
    await expect(client.call.echo('x')).rejects.toMatchObject({ code: 'SESSION_LOST' })
    await client.connect()
    expect(await client.call.echo('back')).toBe('back')
  })
})

import { TypewireError } from '@typewire/core'
import { connectRawPeer } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { type LabOptions, type RunningLab, startLab, type TestClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, nextAttempt } from './clients.ts'

// One client object, of which the server thinks that it is one person, and then another (interleaving 9).

failOnUnhandledRejections()

interface Visit {
  readonly lab: RunningLab
  readonly client: TestClient
  /** Whom the next hello is from. */
  readonly as: (identity: string | null) => void
  /** What handlers ran with, and for whom. */
  readonly ran: string[]
  /** Cuts the link, and waits until the client is away. */
  readonly cut: () => Promise<void>
  /** Lets the client come back. */
  readonly comeBack: () => Promise<void>
}

/** Somebody whom the server does not let in. */
const refused = 'nobody we know'

function identify(who: string | null) {
  if (who === refused) throw new TypewireError('UNAUTHORIZED', 'logged out')
  return { identity: who }
}

async function visit(first: string | null, server: LabOptions['server'] = {}): Promise<Visit> {
  let who = first
  const ran: string[] = []
  const lab = await startLab({
    server: { authenticate: () => identify(who), resume: { windowMs: 60_000 }, ...server },
    handlers: {
      procedures: { echo: ({ input, ctx }) => (ran.push(`${ctx.identity} ${input}`), input) },
      events: { note: ({ payload, ctx }) => void ran.push(`${ctx.identity} ${payload.n}`) },
      rooms: {
        hall: {
          authorize: ({ ctx, params }) => (ran.push(`${ctx.identity} joins ${params.id}`), true),
          events: { say: () => {}, vote: () => ({ count: 1 }) },
        },
      },
    },
  })
  const client = lab.client()
  await client.connect()
  return {
    lab,
    client,
    ran,
    as: (identity) => (who = identity),
    async cut() {
      lab.cut()
      await is(client, 'waiting')
    },
    async comeBack() {
      await nextAttempt(client)
      await is(client, 'open')
    },
  }
}

describe('RS-10: somebody else on the same client', () => {
  test.each([{}, { resume: { windowMs: 0 } }])(
    'gets nothing of what the one before had not sent (%o)',
    async (server) => {
      const { client, ran, as, cut, comeBack } = await visit('ada', server)
      await cut()
      const call = settled(client.call.echo('secret'), 'the call')
      const ack = settled(client.emitWithAck.save({ n: 1 }), 'the ack')
      client.emit.note({ n: 2 })
      client.emit.note({ n: 3 })
      as('bob')
      await comeBack()
      expect(client.status.current).toMatchObject({ state: 'open', recovered: false })
      expect(await call).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent', origin: 'echo' } })
      expect(await ack).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent', origin: 'save' } })
      expect(client.errors).toMatchObject([
        { code: 'SESSION_LOST', outcome: 'not_sent', message: expect.stringContaining('2 events') as unknown },
      ])
      expect(await client.call.echo('hello')).toBe('hello')
      expect(ran).toEqual(['bob hello'])
    },
  )

  test('is in none of the rooms of the one before, and may join them', async () => {
    const { lab, client, ran, as, cut, comeBack } = await visit('ada')
    const joined = client.join.hall({ id: 'a' })
    await joined.ready
    await cut()
    const joining = client.join.hall({ id: 'b' })
    joining.emit.say({ text: 'from ada' })
    as('bob')
    ran.length = 0
    await comeBack()
    const reason = { code: 'SESSION_LOST' }
    expect(joined.status.current).toMatchObject({ state: 'left', by: 'client', reason })
    expect(joining.status.current).toMatchObject({ state: 'left', by: 'client', reason })
    await expect(joining.ready).rejects.toMatchObject(reason)
    expect(() => joined.emit.say({ text: 'from ada' })).toThrow(TypewireError)
    expect(client.errors).toMatchObject([
      { code: 'SESSION_LOST', outcome: 'not_sent', message: expect.stringContaining('1 event was') as unknown },
    ])
    const again = client.join.hall({ id: 'a' })
    await again.ready
    expect(ran).toEqual(['bob joins a'])
    const heard: string[] = []
    again.on.said(({ text }) => void heard.push(text))
    lab.server.rooms.hall({ id: 'a' }).emit.said({ text: 'to bob' })
    await eventually(() => heard.length === 1, 'it is heard')
  })

  test('is refused nothing that was asked when the room of the one before ended', async () => {
    const { client, ran, as, cut, comeBack } = await visit('ada')
    const joined = client.join.hall({ id: 'a' })
    await joined.ready
    await cut()
    as('bob')
    ran.length = 0
    const handles: ReturnType<typeof client.join.hall>[] = []
    joined.status.subscribe(() => {
      if (joined.status.current.state === 'left') handles.push(client.join.hall({ id: 'a' }))
    })
    await comeBack()
    await handles[0]!.ready
    expect(handles).toHaveLength(1)
    expect(ran).toEqual(['bob joins a'])
  })

  test.each([
    ['ada', null],
    [null, 'ada'],
  ])('also from %s to %s', async (before, after) => {
    const { client, ran, as, cut, comeBack } = await visit(before)
    await cut()
    const call = settled(client.call.echo('x'), 'the call')
    as(after)
    await comeBack()
    expect(await call).toMatchObject({ reason: { code: 'SESSION_LOST', outcome: 'not_sent' } })
    expect(ran).toEqual([])
  })

  test('may be told of it by closing the client', async () => {
    const { lab, client, as, cut } = await visit('ada')
    const joined = client.join.hall({ id: 'a' })
    await joined.ready
    await cut()
    as('bob')
    joined.status.subscribe(() => {
      if (joined.status.current.state === 'left') void client.close()
    })
    await nextAttempt(client)
    await is(client, 'closed')
    await quiet()
    expect(client.status.current).toMatchObject({ state: 'closed' })
    expect([...lab.server.sessions].filter(({ identity }) => identity === 'bob')).toEqual([])
  })

  test('has what was asked after the one before was refused: nothing of that one was left', async () => {
    const { client, ran, as, cut } = await visit('ada')
    await cut()
    const call = settled(client.call.echo('of ada'), 'the call')
    as(refused)
    await nextAttempt(client)
    expect(await call).toMatchObject({ reason: { code: 'UNAUTHORIZED', outcome: 'not_sent' } })
    await is(client, 'closed')
    as('bob')
    const connected = client.connect()
    expect(await client.call.echo('of bob')).toBe('of bob')
    await connected
    expect(ran).toEqual(['bob of bob'])
  })
})

describe('RS-10: the same one', () => {
  test.each(['ada', null])('%s keeps what was not sent, and the rooms, when the session is lost', async (identity) => {
    const { lab, client, ran, cut, comeBack } = await visit(identity)
    const hall = client.join.hall({ id: 'a' })
    await hall.ready
    await cut()
    const call = client.call.echo('x')
    for (const session of lab.server.sessions) session.close()
    ran.length = 0
    await comeBack()
    expect(client.status.current).toMatchObject({ state: 'open', recovered: false })
    expect(await call).toBe('x')
    await eventually(() => hall.status.current.state === 'joined', 'the room is joined again')
    expect(ran.sort()).toEqual([`${identity} joins a`, `${identity} x`])
  })
})

test('RS-10: the identity of a welcome is the same for one client object and identity, also on another server, and tells nothing', async () => {
  const tokens: unknown[] = []
  const welcomes = [
    ['one', 'ada'],
    ['one', 'ada'],
    ['one', 'bob'],
    ['two', 'ada'],
    ['one', null],
  ] as const
  for (const [instance, identity] of welcomes) {
    const lab = await startLab({ server: { authenticate: () => ({ identity }) } })
    const peer = await connectRawPeer(`${lab.url}/typewire`)
    onTestFinished(() => peer.cut())
    const welcome = await peer.hello({ instance })
    tokens.push(welcome['identity'])
  }
  const [first, again, bob, other, nobody] = tokens
  expect(first).toMatch(/^[\w-]{22}$/)
  expect(again).toBe(first)
  expect(new Set([first, bob, other]).size).toBe(3)
  expect(nobody).toBeUndefined()
})

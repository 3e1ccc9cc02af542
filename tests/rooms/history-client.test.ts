// What an application sees of histories.

import { createMemoryBroker } from '@typewire/server'
import type { Position, RoomStatus } from '@typewire/core'
import { describe, expect, test } from 'vitest'
import { nextAttempt, rawServer } from '../client/clients.ts'
import { eventually, quiet } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { movedOn } from '../support/moved-on.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { handBroker } from './brokers.ts'
import { type Hall, historyLab, type HistoryLabOptions, listen } from './stage.ts'

failOnUnhandledRejections()

async function start(options?: HistoryLabOptions) {
  const lab = await historyLab(options)
  const client = lab.client()
  const hall = client.join.hall({ id: 'h' })
  const heard = listen(hall)
  await hall.ready
  /** Loses the session, and does something before the client is back. */
  const lose = async (meanwhile = () => {}) => {
    await lab.lose()
    await eventually(() => hall.status.current.state === 'rejoining', 'the handle is rejoining')
    meanwhile()
    await nextAttempt(client)
    await eventually(() => hall.status.current.state === 'joined', 'the handle is joined')
  }
  return { lab, client, hall, heard, lose }
}

/** A position, in whatever epoch. */
const at = (offset: number) => ({ epoch: expect.any(String) as string, offset })

const recovered = ({ status }: Hall) => (status.current as { readonly recovered?: boolean }).recovered

describe('a handle whose session was lost', () => {
  test('gets exactly what it missed, once and in order', async () => {
    const { lab, hall, heard, lose } = await start()
    const states: RoomStatus[] = []
    hall.status.subscribe(() => states.push(hall.status.current))
    lab.say(1, 2)
    await eventually(() => heard.length === 2, 'both are heard')
    expect(hall.status.current).toEqual({ state: 'joined', recovered: undefined, before: at(1) })
    await lose(() => lab.say(3, 5))
    lab.say(6)
    await eventually(() => heard.includes('6'), 'the last one is heard')
    expect(heard).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(states).toEqual([{ state: 'rejoining' }, { state: 'joined', recovered: true, before: at(1) }])
  })

  test('recovers also what was missed before the first event it heard, and over several losses', async () => {
    const { lab, heard, lose } = await start()
    await lose(() => lab.say(1, 2))
    await lose(() => lab.say(3))
    await lose()
    await eventually(() => heard.includes('3'), 'the last one is heard')
    expect(heard).toEqual(['1', '2', '3'])
  })

  test('is told once where it cannot have it, in every handle, and goes on live', async () => {
    const { lab, client, hall, heard, lose } = await start({ history: { limit: 2 } })
    const second = listen(client.join.hall({ id: 'h' }))
    await lose(() => lab.say(1, 3))
    expect(recovered(hall)).toBe(false)
    lab.say(4)
    await eventually(() => heard.includes('4') && second.includes('4'), 'the next one is heard')
    expect(heard).toEqual(['missed: notKept', '4'])
    expect(second).toEqual(heard)
    expect(recovered(client.join.hall({ id: 'h' }))).toBeUndefined()
    await lose(() => lab.say(5))
    await eventually(() => heard.includes('5'), 'the next one is heard')
    expect(heard).toEqual(['missed: notKept', '4', '5'])
  })

  test('that was made while another joins again has missed nothing', async () => {
    const { lab, client, hall, lose } = await start({ history: { limit: 2 } })
    let second: Hall | undefined
    const heard: string[][] = []
    await lose(() => {
      lab.say(1, 3)
      second = client.join.hall({ id: 'h' })
      heard.push(listen(second))
    })
    await second!.ready
    expect(recovered(hall)).toBe(false)
    expect(second!.status.current).toEqual({ state: 'joined', recovered: undefined, before: at(4) })
    expect(heard).toEqual([[]])
  })

  test('that is left by who hears of another that it is back stays left', async () => {
    const { client, hall, lose } = await start()
    const second = client.join.hall({ id: 'h' })
    hall.status.subscribe(() => {
      if (hall.status.current.state === 'joined') second.leave()
    })
    await lose()
    expect(second.status.current.state).toBe('left')
  })

  test('HI-7: is told too where the room keeps nothing', async () => {
    const { lab, hall, heard, lose } = await start({ hall: { history: undefined } })
    expect(hall.status.current).toEqual({ state: 'joined', recovered: undefined })
    await lose(() => lab.say(1))
    expect(recovered(hall)).toBe(false)
    lab.say(2)
    await eventually(() => heard.includes('2'), 'the next one is heard')
    expect(heard).toEqual(['missed: noHistory', '2'])
  })

  test('onMissed ends by its signal and by what it returns; what a handler throws starves nobody', async () => {
    const { client, hall, heard, lose } = await start({ hall: { history: undefined } })
    const others: string[] = []
    const controller = new AbortController()
    hall.onMissed(() => void others.push('signal'), { signal: controller.signal })
    const off = hall.onMissed(() => void others.push('off'))
    hall.onMissed(() => Promise.reject(new Error('of a handler')))
    hall.onMissed(() => void others.push('once'), { once: true })
    await lose()
    controller.abort()
    off()
    await lose()
    await quiet()
    expect(others).toEqual(['signal', 'off', 'once'])
    expect(heard).toEqual(['missed: noHistory', 'missed: noHistory'])
    expect(client.errors.map(String)).toEqual(['Error: of a handler', 'Error: of a handler'])
  })

  test('interleaving 20: a session that is resumed repeats its events, and nothing is recovered beside', async () => {
    const { lab, client, hall, heard } = await start({ server: { resume: { windowMs: 60_000 } } })
    const states: string[] = []
    hall.status.subscribe(() => states.push(hall.status.current.state))
    lab.say(1)
    await eventually(() => heard.length === 1, 'it is heard')
    await lab.lose()
    lab.say(2, 3)
    await nextAttempt(client)
    await eventually(() => heard.includes('3'), 'what was missed is heard')
    lab.say(4)
    await eventually(() => heard.includes('4'), 'what follows is heard')
    expect(heard).toEqual(['1', '2', '3', '4'])
    expect(states).toEqual([])
  })

  test('does not recover what it was excepted from (interleaving 23)', async () => {
    const { lab, hall, heard, lose } = await start()
    hall.emit.say({ text: 'mine' })
    lab.say(2)
    await eventually(() => heard.includes('2'), 'the next one is heard')
    const facade = lab.session()
    await lose(() => {
      lab.room().except(facade).emit.said({ text: 'not for it' })
      lab.say(4)
    })
    await eventually(() => heard.includes('4'), 'the last one is heard')
    expect(heard).toEqual(['2', '4'])
  })
})

describe('a server that starts anew', () => {
  test.each([
    ['with the history kept: recovers exactly', true, ['1', '2', '3', '4'], true],
    ['with the history lost: is told once', false, ['1', 'missed: notKept', '4'], false],
  ])('%s', async (_, isKept, expected, isRecovered) => {
    const broker = createMemoryBroker()
    const first = await historyLab({ server: { broker } })
    const client = first.client()
    const hall = client.join.hall({ id: 'h' })
    const heard = listen(hall)
    await hall.ready
    first.say(1)
    await eventually(() => heard.length === 1, 'it is heard')
    const second = await historyLab({ server: { broker: isKept ? broker : createMemoryBroker() } })
    await movedOn(first.clock, first.server.close({ drainMs: 0, reconnectTo: second.url }))
    second.say(2, 3)
    await nextAttempt(client)
    await eventually(() => hall.status.current.state === 'joined', 'the handle is joined')
    expect(recovered(hall)).toBe(isRecovered)
    second.say(4)
    await eventually(() => heard.includes('4'), 'the next one is heard')
    expect(heard).toEqual(expected)
  })
})

test('HI-5: who comes to a node that is behind the one before it hears nothing twice', async () => {
  const ahead = createMemoryBroker()
  const behind = handBroker(ahead)
  const first = await historyLab({ server: { broker: ahead } })
  const second = await historyLab({ server: { broker: behind } })
  const member = second.client().join.hall({ id: 'h' })
  const heardThere = listen(member)
  await member.ready
  const client = first.client()
  const hall = client.join.hall({ id: 'h' })
  const heard = listen(hall)
  await hall.ready
  behind.hold('publication')
  first.say(1, 3)
  await eventually(() => heard.length === 3, 'all are heard')
  await movedOn(first.clock, first.server.close({ drainMs: 0, reconnectTo: second.url }))
  second.say(4)
  await nextAttempt(client)
  await eventually(() => hall.status.current.state === 'joined', 'the handle is joined')
  expect(recovered(hall)).toBe(true)
  behind.release('publication')
  second.say(5)
  await eventually(() => heard.includes('5') && heardThere.includes('5'), 'the last one is heard')
  expect(heard).toEqual(['1', '2', '3', '4', '5'])
  expect(heardThere).toEqual(heard)
})

describe('a handle that joins', () => {
  test('hears the last events first, where it asks for them', async () => {
    const { lab } = await start()
    lab.say(1, 4)
    const hall = lab.client().join.hall({ id: 'h' }, { last: 2 })
    const heard = listen(hall)
    await hall.ready
    lab.say(5)
    await eventually(() => heard.includes('5'), 'the next one is heard')
    expect(heard).toEqual(['3', '4', '5'])
    expect(hall.status.current).toEqual({ state: 'joined', recovered: undefined, before: at(3) })
  })

  test('gets no last events where it may not read them', async () => {
    const { lab } = await start({ history: { authorize: async ({ params }) => Promise.resolve(params.id !== 'h') } })
    lab.say(1, 4)
    const hall = lab.client().join.hall({ id: 'h' }, { last: 2 })
    const heard = listen(hall)
    await hall.ready
    lab.say(5)
    await eventually(() => heard.includes('5'), 'the next one is heard')
    expect(heard).toEqual(['5'])
    await expect(hall.history()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test('reads pages back to the first event', async () => {
    const { lab, hall } = await start()
    lab.say(1, 5)
    const newest = await hall.history({ limit: 2 })
    expect(newest).toEqual({
      events: [4, 5].map((n) => ({ name: 'said', payload: { text: `${n}` }, offset: n })),
      before: at(4),
      hasMore: true,
    })
    const older = await hall.history({ before: newest.before })
    expect(older.events.map(({ offset }) => offset)).toEqual([1, 2, 3])
    expect(older.hasMore).toBe(false)
  })

  test('gives wrong numbers back to their caller', async () => {
    const { client, hall } = await start()
    for (const limit of [-1, 0, 1.5]) await expect(hall.history({ limit })).rejects.toBeInstanceOf(RangeError)
    for (const before of [5, null, { epoch: 'e' }, { epoch: 'e', offset: 1.5 }]) {
      await expect(hall.history({ before: before as never })).rejects.toBeInstanceOf(TypeError)
    }
    expect(() => client.join.hall({ id: 'h' }, { last: -1 })).toThrow(RangeError)
    hall.leave()
    await expect(hall.history()).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('a page that is none is INVALID_ACK', async () => {
    const server = await rawServer()
    const hall = server.client().join.hall({ id: 'h' })
    const peer = await server.welcome()
    const [, id] = await peer.read()
    peer.send([18, id, { room: 1, epoch: 'e', offset: 0 }])
    const reading = hall.history()
    const [, asked, ...rest] = await peer.read()
    expect(rest).toEqual(['$history', 0, { room: 1 }])
    peer.send([18, asked, { events: 5, before: { epoch: 'e', offset: 1 } }])
    await expect(reading).rejects.toMatchObject({ code: 'INVALID_ACK' })
    const again = hall.history()
    peer.send([18, (await peer.read())[1], { events: [], before: 5, hasMore: true }])
    await expect(again).rejects.toMatchObject({ code: 'INVALID_ACK' })
  })
})

describe('a second handle that asks for the last events', () => {
  test('HI-5: hears them first, as the first one did, which does not hear them again; nor does who hears the kind', async () => {
    const { lab, client, hall, heard } = await start()
    const ofKind: string[] = []
    client.rooms.hall.on.said(({ text }) => void ofKind.push(text))
    lab.say(1, 5)
    await eventually(() => heard.includes('5'), 'they are heard')
    const second = client.join.hall({ id: 'h' }, { last: 3 })
    const heardBySecond = listen(second)
    lab.say(6)
    await second.ready
    lab.say(7)
    await eventually(() => heardBySecond.includes('7'), 'the last one is heard')
    expect(heard).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(ofKind).toEqual(heard)
    expect(heardBySecond.slice(-4)).toEqual(['4', '5', '6', '7'])
    // Each has a join of its own, and the membership ends with the last.
    hall.leave()
    lab.say(8)
    await eventually(() => heardBySecond.includes('8'), 'it is in the room still')
    second.leave()
    await client.call.echo('the leave has arrived')
    expect(await lab.room().members()).toEqual([])
    expect(heard).not.toContain('8')
  })

  test('recovers what it has missed, each once, as do the others', async () => {
    const { lab, client, heard, lose } = await start()
    lab.say(1, 2)
    await eventually(() => heard.includes('2'), 'they are heard')
    const second = client.join.hall({ id: 'h' }, { last: 1 })
    const heardBySecond = listen(second)
    await second.ready
    await lose(() => lab.say(3, 4))
    lab.say(5)
    await eventually(() => heard.includes('5') && heardBySecond.includes('5'), 'the last one is heard')
    expect(heard).toEqual(['1', '2', '3', '4', '5'])
    expect(heardBySecond).toEqual(['2', '3', '4', '5'])
  })

  test('shares the join of one that asks for as many and has no answer yet', async () => {
    const server = await rawServer()
    const client = server.client()
    for (const last of [2, 2, 0, 3]) client.join.hall({ id: 'h' }, { last })
    const peer = await server.welcome()
    const wishes = [(await peer.read())[4], (await peer.read())[4]]
    const join = { kind: 'hall', params: { id: 'h' } }
    expect(wishes).toEqual([
      { ...join, last: 2 },
      { ...join, last: 3 },
    ])
    await quiet()
    expect(peer.unread).toEqual([])
  })
})

describe('before: what a handle gives to read on from what it has', () => {
  const offsets = async (hall: Hall, before: Position | undefined) =>
    (await hall.history({ before })).events.map(({ offset }) => offset)

  test('is where its events begin, with the last ones that it has asked for, also in a later handle', async () => {
    const { lab } = await start()
    lab.say(1, 5)
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' }, { last: 2 })
    const heard = listen(hall)
    const { before } = await hall.ready
    expect(before).toEqual(at(4))
    lab.say(6)
    await eventually(() => heard.includes('6'), 'the next one is heard')
    expect(await offsets(hall, before)).toEqual([1, 2, 3])
    const later = client.join.hall({ id: 'h' })
    expect(await later.ready).toEqual({ state: 'joined', recovered: undefined, before: at(7) })
    expect(await offsets(later, (await later.ready).before)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('is 1 where nothing was before, and not there where nothing is kept', async () => {
    const { hall } = await start()
    expect(await hall.ready).toMatchObject({ before: at(1) })
    expect(await offsets(hall, (await hall.ready).before)).toEqual([])
    const { hall: plain, heard, lab, lose } = await start({ hall: { history: undefined } })
    expect((await plain.ready).before).toBeUndefined()
    const missed: unknown[] = []
    plain.onMissed((what) => void missed.push(what))
    await lose(() => lab.say(1))
    expect(missed).toEqual([{ reason: 'noHistory', before: undefined }])
    expect(heard).toEqual(['missed: noHistory'])
  })

  test('stays what it was where it has recovered, and for a handle that came meanwhile is where that begins', async () => {
    const { lab, client, hall, heard, lose } = await start()
    lab.say(1, 2)
    await eventually(() => heard.length === 2, 'both are heard')
    let came: { readonly hall: Hall; readonly heard: string[] } | undefined
    await lose(() => {
      lab.say(3)
      const handle = client.join.hall({ id: 'h' })
      came = { hall: handle, heard: listen(handle) }
    })
    expect(hall.status.current).toEqual({ state: 'joined', recovered: true, before: at(1) })
    expect(await came!.hall.ready).toEqual({ state: 'joined', recovered: undefined, before: at(3) })
    await eventually(() => came!.heard.length > 0, 'it is heard')
    expect(came!.heard).toEqual(['3'])
  })

  test('is another where some are missed: what was kept before it, and what comes from then on, is all there is', async () => {
    const { lab, hall, heard, lose } = await start({ history: { limit: 2 } })
    const loaded: Promise<number[]>[] = []
    hall.onMissed(({ before }) => {
      lab.say(5)
      loaded.push(offsets(hall, before))
    })
    await lose(() => lab.say(1, 4))
    await eventually(() => heard.includes('5'), 'what comes meanwhile is heard')
    expect(await Promise.all(loaded)).toEqual([[4]])
    expect(hall.status.current).toEqual({ state: 'joined', recovered: false, before: at(5) })
    lab.say(6)
    await lose(() => lab.say(7))
    await eventually(() => heard.includes('7'), 'the last one is heard')
    expect(hall.status.current).toEqual({ state: 'joined', recovered: true, before: at(5) })
  })
})

describe('a room that server code joins', () => {
  test('whoever hears its kind hears each event once, also where a join brings the last ones', async () => {
    const lab = await historyLab()
    const client = lab.client()
    const ofKind: string[] = []
    client.rooms.hall.on.said(({ text }) => void ofKind.push(text))
    await client.connect()
    await lab.session().join(lab.room())
    lab.say(1, 3)
    await eventually(() => ofKind.length === 3, 'they are heard')
    const hall = client.join.hall({ id: 'h' }, { last: 3 })
    const heard = listen(hall)
    await hall.ready
    lab.say(4)
    await eventually(() => heard.includes('4'), 'the next one is heard')
    expect(heard).toEqual(['1', '2', '3', '4'])
    expect(ofKind).toEqual(heard)
  })

  test('its client learns the position with the answer, and recovers', async () => {
    const lab = await startLab({
      handlers: {
        rooms: { office: { history: {} } },
        session: async ({ session, server }) => session.join(server.rooms.office({ id: 'o' })),
      },
    })
    const client = lab.client()
    const memo = (n: number) => lab.server.rooms.office({ id: 'o' }).emit.memo({ text: `${n}` })
    memo(1)
    const office = client.join.office({ id: 'o' }, { last: 1 })
    const heard: string[] = []
    office.on.memo(({ text }) => void heard.push(text))
    await office.ready
    memo(2)
    await eventually(() => heard.includes('2'), 'the next one is heard')
    await lab.lose()
    await eventually(() => office.status.current.state === 'rejoining', 'it is rejoining')
    memo(3)
    await nextAttempt(client)
    await eventually(() => heard.includes('3'), 'what was missed is heard')
    memo(4)
    await eventually(() => heard.includes('4'), 'the last one is heard')
    expect(heard).toEqual(['1', '2', '3', '4'])
    expect(office.status.current).toEqual({ state: 'joined', recovered: true, before: at(1) })
  })
})

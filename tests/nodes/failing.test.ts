// A broker that fails, hangs, or loses a node: what waits is answered, all else goes on.

import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import type { RunningLab } from '../support/lab.ts'
import { controlled, delaying, enter, gate, heardAll, say, startNodes } from './stage.ts'

failOnUnhandledRejections()

describe('a broker whose subscribe', () => {
  test.each(['fail', 'fail late'] as const)(
    'rejects (%s): the join is INTERNAL, the next one tries again',
    async (fault) => {
      const control = controlled()
      const [lab] = await startNodes(control.broker, 1)
      control.next('subscribe', fault)
      const client = lab!.client()
      const result = await settled(client.join.hall({ id: 'h' }).ready, 'the join')
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } })
      const { error, info } = lab!.errors[0]!
      expect(String(error)).toContain('subscribe hall')
      expect(info).toMatchObject({ incident: expect.any(String), where: '$join' })
      expect((result as PromiseRejectedResult).reason).toMatchObject({ incident: info.incident })
      await eventually(() => control.broker.pending === 0, 'nothing is on its way')
      expect(await control.subscribed()).toBe(0)
      const member = await enter(lab!)
      say(lab!, 'hello')
      await heardAll([member], 'hello')
      expect(lab!.errors).toHaveLength(1)
    },
  )

  test('rejects: who comes while others still wait for it tries again, and server code is told', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    const client = lab!.client()
    await client.connect()
    const room = lab!.server.rooms.hall({ id: 'h' })
    const slow = gate()
    control.next('subscribe', slow.wait)
    const joining = settled(lab!.session().join(room), 'the join')
    const next = joining.then(async () => lab!.session().join(room))
    await quiet()
    slow.open('fail')
    expect(await joining).toMatchObject({ status: 'rejected' })
    await next
    expect(await room.emitWithAck.poll({ text: '?' })).toHaveLength(1)
  })

  test('throws is as one that rejects', async () => {
    const control = controlled()
    let isFaulty = true
    const broker: typeof control.broker = {
      ...control.broker,
      connect(node, events) {
        const link = control.broker.connect(node, events)
        const subscribe: typeof link.subscribe = (channel) => {
          if (isFaulty && channel.startsWith('hall')) throw new Error('at once')
          return link.subscribe(channel)
        }
        return { ...link, subscribe, close: () => link.close() }
      },
    }
    const [lab] = await startNodes(broker, 1)
    const result = await settled(lab!.client().join.hall({ id: 'h' }).ready, 'the join')
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } })
    isFaulty = false
    const member = await enter(lab!)
    say(lab!, 'hello')
    await heardAll([member], 'hello')
  })

  test('never answers: the join is answered when the broker has had its time', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    const client = lab!.client()
    await client.connect()
    control.next('subscribe', 'hang')
    const joining = settled(client.join.hall({ id: 'h' }).ready, 'the join')
    await eventually(() => control.asked.length > 0, 'the broker is asked')
    await lab!.clock.advance(10_010)
    expect(await joining).toMatchObject({ status: 'rejected', reason: { code: 'INTERNAL' } })
    const member = await enter(lab!)
    say(lab!, 'hello')
    await heardAll([member], 'hello')
  })

  test('rejects at the start: clients are served, and events to all come when it has been tried again', async () => {
    let failures = 2
    const fault = ({ name, target }: { name: string; target: string }) =>
      name === 'subscribe' && target === '*' && failures-- > 0 ? 'fail' : 'pass'
    const [lab] = await startNodes(delaying({ fault }), 1)
    const client = lab!.client()
    const heard: string[] = []
    client.on.notice(({ text }) => void heard.push(text))
    expect(await client.call.echo('served')).toBe('served')
    lab!.server.emit.notice({ text: 'lost' })
    await lab!.clock.advance(1_010)
    await quiet()
    await lab!.clock.advance(1_010)
    await quiet()
    lab!.server.emit.notice({ text: 'heard' })
    await eventually(() => heard.length > 0, 'the notice comes')
    expect(heard).toEqual(['heard'])
    expect(lab!.errors.map(({ info }) => info.where)).toEqual(['broker: subscribe *', 'broker: subscribe *'])
  })
})

describe('a broker whose publish', () => {
  test('rejects is reported, and what comes next is heard', async () => {
    const control = controlled()
    const labs = await startNodes(control.broker, 2)
    const members = [await enter(labs[0]!), await enter(labs[1]!)]
    control.next('publish', 'pass', 'fail', 'pass')
    for (const text of ['1', '2', '3']) say(labs[0]!, text)
    await heardAll(members, '3')
    for (const { heard } of members) expect(heard).toEqual(['1', '3'])
    expect(labs[0]!.errors.map(({ info }) => info.where)).toEqual(['broker: publish hall {"id":"h"}'])
  })

  test('rejects with a question: who asks is told at once', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    await enter(lab!)
    control.next('publish', 'fail')
    const asking = lab!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })
    expect(await settled(asking, 'the question')).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('the broker failed') as string },
    })
    expect(lab!.errors).toEqual([])
  })

  test('cannot say who subscribes: who asks is told', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    await enter(lab!)
    control.next('subscribers', 'fail')
    const asking = lab!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })
    expect(await settled(asking, 'the question')).toMatchObject({ status: 'rejected' })
  })

  test('is late to say who subscribes, when the question has been withdrawn: nobody is asked', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    const { hall } = await enter(lab!)
    let asked = 0
    hall.on.poll(() => {
      asked++
      return { yes: true }
    })
    const slow = gate()
    control.next('subscribers', slow.wait)
    const controller = new AbortController()
    const { signal } = controller
    const asking = settled(
      lab!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' }, { signal }),
      'the question',
    )
    await quiet()
    controller.abort()
    slow.open()
    expect(await asking).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } })
    await quiet()
    expect(asked).toBe(0)
  })
})

describe('a broker whose close', () => {
  test('rejects is reported, and the server has closed', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    await enter(lab!)
    control.next('close', 'fail')
    await lab!.close()
    expect(lab!.errors.map(({ info }) => info.where)).toEqual(['broker: close'])
  })

  test('never answers does not keep the server from closing', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    await enter(lab!)
    control.next('close', 'hang')
    const closing = settled(lab!.server.close({ drainMs: 0 }), 'the close')
    await eventually(() => control.asked.some(({ name }) => name === 'close'), 'the broker is asked')
    await lab!.clock.advance(2_010)
    expect(await closing).toMatchObject({ status: 'fulfilled' })
    expect(lab!.errors.map(({ info }) => info.where)).toEqual(['broker: close'])
    lab!.server.emit.notice({ text: 'to nobody' })
    await eventually(() => lab!.clock.pending === 0, 'no time limit is left')
    expect(lab!.errors).toHaveLength(1)
  })
})

describe('a node that dies', () => {
  /** A member on each of two nodes, of whom the second never answers. */
  async function twoNodes() {
    const broker = delaying()
    const labs = await startNodes(broker, 2)
    const members = [await enter(labs[0]!), await enter(labs[1]!)]
    let asked = 0
    members[0]!.hall.on.poll(() => {
      asked++
      return { yes: true }
    })
    members[1]!.hall.on.poll(() => {
      asked++
      return new Promise(() => {})
    })
    return { broker, labs, members, asked: () => asked, room: labs[0]!.server.rooms.hall({ id: 'h' }) }
  }

  /** Lets time pass until something has settled, as the broker needs turns in between. Gives what, and how long it took. */
  async function inTime<T>({ clock }: RunningLab, promise: Promise<T>) {
    let result: PromiseSettledResult<T> | undefined
    void Promise.allSettled([promise]).then(([only]) => (result = only))
    let ms = 0
    for (; !result && ms < 60_000; ms += 500) {
      await clock.advance(500)
      await quiet()
    }
    return { ms, result }
  }

  test('while it is asked has left nothing to tell: who asks hears so soon after the broker', async () => {
    const { broker, labs, members, asked, room } = await twoNodes()
    const asking = room.emitWithAck.poll({ text: '?' })
    await eventually(() => asked() === 2, 'both are asked')
    await members[0]!.client.call.echo('') // behind the answer
    await eventually(() => broker.pending === 0, 'nodes have told each other')
    await broker.kill(broker.nodes[1]!)
    const { ms, result } = await inTime(labs[0]!, asking)
    expect(result).toMatchObject({
      value: [{ sessionId: members[0]!.sessionId, status: 'acked', data: { yes: true } }],
    })
    expect(ms).toBeLessThanOrEqual(5_000)
    // Who asks now does not wait for it.
    expect(await room.emitWithAck.poll({ text: 'and now?' })).toHaveLength(1)
    say(labs[0]!, 'we go on')
    await heardAll([members[0]!], 'we go on')
    expect(labs[0]!.clock.pending).toBe(0)
  })

  test('before it is asked, and nobody knows yet: the same, also for who asks for the members', async () => {
    const { broker, labs, members, asked, room } = await twoNodes()
    const found = broker.kill(broker.nodes[1]!)
    const asking = room.emitWithAck.poll({ text: '?' })
    const listing = room.members()
    await found
    await eventually(() => asked() === 1, 'the other is asked')
    await members[0]!.client.call.echo('') // behind the answer
    const { ms, result } = await inTime(labs[0]!, asking)
    expect(result).toMatchObject({ value: [{ sessionId: members[0]!.sessionId, status: 'acked' }] })
    expect(ms).toBeLessThanOrEqual(5_000)
    expect(await listing).toEqual([{ sessionId: members[0]!.sessionId, identity: null }])
  })

  test('before the broker finds out is waited for, to the limit', async () => {
    const { broker, labs, asked, room } = await twoNodes()
    const asking = room.emitWithAck.poll({ text: '?' }, { timeoutMs: 20_000 })
    await eventually(() => asked() === 2, 'both are asked')
    broker.holdBack(broker.nodes[0]!) // it hears nothing of the other any more
    const { ms } = await inTime(labs[0]!, asking)
    expect(ms).toBeGreaterThanOrEqual(20_000)
  })
})

describe('a node whose members have left while they are asked', () => {
  test('answers for them all the same', async () => {
    const broker = delaying()
    const labs = await startNodes(broker, 2)
    const member = await enter(labs[1]!)
    let answer = (_: { readonly yes: boolean }) => {}
    let isAsked = false
    member.hall.on.poll(() => {
      isAsked = true
      return new Promise((resolve) => (answer = resolve))
    })
    const asking = settled(labs[0]!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' }), 'the question')
    await eventually(() => isAsked, 'it is asked')
    member.hall.leave()
    await member.client.call.echo('') // behind the leave
    answer({ yes: true }) // too late
    expect(await asking).toMatchObject({ value: [{ sessionId: member.sessionId, status: 'left' }] })
  })

  test('and that was not told of the question: it says so when it is asked', async () => {
    const control = controlled()
    const labs = await startNodes(control.broker, 2)
    const first = await enter(labs[0]!)
    first.hall.on.poll(() => ({ yes: true }))
    const second = await enter(labs[1]!)
    const letGo = control.broker.holdBack(control.broker.nodes[1]!)
    const asking = settled(labs[0]!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' }), 'the question')
    await eventually(() => control.asked.some(({ name }) => name === 'publish'), 'it is published')
    second.hall.leave()
    await eventually(() => control.asked.some(({ name }) => name === 'unsubscribe'), 'its node has left')
    letGo()
    await quiet()
    await labs[0]!.clock.advance(2_000)
    expect(await asking).toMatchObject({ value: [{ sessionId: first.sessionId, status: 'acked' }] })
    expect(labs[0]!.clock.pending).toBe(0)
  })

  test('is waited for where the broker cannot say who subscribes', async () => {
    const control = controlled()
    const [lab] = await startNodes(control.broker, 1)
    const member = await enter(lab!)
    let answer = (_: { readonly yes: boolean }) => {}
    member.hall.on.poll(() => new Promise((resolve) => (answer = resolve)))
    control.next('subscribers', 'pass', 'fail', 'hang', 'fail')
    const asking = settled(lab!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' }), 'the question')
    for (let i = 0; i < 10; i++) {
      await quiet()
      await lab!.clock.advance(2_000)
    }
    answer({ yes: true })
    expect(await asking).toMatchObject({ value: [{ sessionId: member.sessionId, status: 'acked' }] })
    expect(lab!.errors).toEqual([])
  })
})

describe('a node that comes meanwhile', () => {
  test('is asked too, and what its members answer in time is told', async () => {
    const control = controlled()
    const labs = await startNodes(control.broker, 2)
    const first = await enter(labs[0]!)
    const slow = gate()
    control.next('publish', slow.wait)
    let answer = (_: { readonly yes: boolean }) => {}
    first.hall.on.poll(() => new Promise((resolve) => (answer = resolve)))
    const asking = labs[0]!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })
    await eventually(() => control.asked.some(({ name }) => name === 'publish'), 'it is about to be asked')
    const second = await enter(labs[1]!)
    second.hall.on.poll(() => ({ yes: false }))
    slow.open()
    await eventually(() => control.asked.filter(({ name }) => name === 'publish').length === 1, 'it is asked')
    await quiet(50)
    answer({ yes: true })
    const acks = await asking
    expect(acks.map(({ sessionId }) => sessionId).sort()).toEqual([first.sessionId, second.sessionId].sort())
    expect(acks.every(({ status }) => status === 'acked')).toBe(true)
  })
})

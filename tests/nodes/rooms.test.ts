// What servers do together, over each broker, on one node and on several.

import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import type { RunningLab } from '../support/lab.ts'
import { delaying, enter, expectNoErrors, heardAll, type Member, say, settings, startNodes } from './stage.ts'

failOnUnhandledRejections()

describe.each(settings)('%s', (_, create, count) => {
  const setUp = async (members = 2) => {
    const labs = await startNodes(create(), count)
    const all: Member[] = []
    for (const lab of labs) for (let i = 0; i < members; i++) all.push(await enter(lab))
    return { labs, all, last: labs.at(-1)! }
  }

  test('what any node emits comes to all members of the room, and to those of no other', async () => {
    const { labs, all } = await setUp()
    const other = await enter(labs[0]!, 'other')
    labs.forEach((lab, index) => say(lab, `from ${index}`))
    await heardAll(all, `from ${count - 1}`)
    await eventually(() => all.every(({ heard }) => heard.length === count), 'all have heard each')
    say(labs[0]!, 'last', 'other')
    await heardAll([other], 'last')
    expect(other.heard).toEqual(['last'])
    expectNoErrors(labs)
  })

  test('all members hear the same order, whoever emits, client or server', async () => {
    const { labs, all } = await setUp()
    const each = 60
    for (let n = 0; n < each; n++) {
      labs.forEach((lab, index) => say(lab, `server ${index}: ${n}`))
      all.forEach(({ hall }, index) => hall.emit.say({ text: `client ${index}: ${n}` }))
      if (n % 10 === 0) await quiet(1)
    }
    const total = each * (labs.length + all.length)
    await eventually(() => all.every(({ heard }) => heard.length === total), 'all have heard all')
    for (const { heard } of all) expect(heard).toEqual(all[0]!.heard)
    const speakers = [...labs.map((__, i) => `server ${i}`), ...all.map((__, i) => `client ${i}`)]
    for (const speaker of speakers) {
      const own = all[0]!.heard.filter((text) => text.startsWith(`${speaker}:`))
      expect(own).toEqual(Array.from({ length: each }, (__, n) => `${speaker}: ${n}`))
    }
  })

  test('except leaves sessions out, wherever they are', async () => {
    const { labs, all, last } = await setUp()
    const out = [...last.server.sessions][0]!
    labs[0]!.server.rooms.hall({ id: 'h' }).except(out).emit.said({ text: 'not for one' })
    say(labs[0]!, 'for all')
    await heardAll(all, 'for all')
    for (const { heard, sessionId } of all) {
      expect(heard).toEqual(sessionId === out.id ? ['for all'] : ['not for one', 'for all'])
    }
  })

  test('emit and to reach sessions wherever they are, from when these are open', async () => {
    const { labs, all, last } = await setUp(1)
    const notices = all.map(({ client }) => {
      const heard: string[] = []
      client.on.notice(({ text }) => void heard.push(text))
      return heard
    })
    const chosen = [...last.server.sessions]
    for (const { server } of labs) server.emit.notice({ text: 'all' })
    labs[0]!.server.to(chosen).emit.notice({ text: 'some' })
    labs[0]!.server.emit.notice({ text: 'end' })
    await eventually(() => notices.every((heard) => heard.includes('end') && heard.length > count), 'all have heard')
    await quiet()
    notices.forEach((heard, index) => {
      const isChosen = chosen.some(({ id }) => id === all[index]!.sessionId)
      expect(heard.filter((text) => text === 'all')).toHaveLength(count)
      expect(heard.filter((text) => text === 'some')).toHaveLength(isChosen ? 1 : 0)
    })
    expectNoErrors(labs)
  })

  test('a notice to all as soon as a client is open comes to it', async () => {
    const broker = create()
    const [lab] = await startNodes(broker, 1)
    const client = lab!.client()
    const heard: string[] = []
    client.on.notice(({ text }) => void heard.push(text))
    client.status.subscribe(() => {
      if (client.status.current.state === 'open') lab!.server.emit.notice({ text: 'welcome' })
    })
    await client.connect()
    await eventually(() => heard.length > 0, 'the notice comes')
    expect(heard).toEqual(['welcome'])
  })

  test('acks come from the members of all nodes, one result for each: answered, failed, left, timed out', async () => {
    const { labs, all, last } = await setUp(3)
    const leaving = all.slice(-3)[0]!
    const silent = all.slice(-3)[1]!
    let asked = 0
    for (const member of all) {
      member.hall.on.poll(() => {
        asked++
        return member === leaving || member === silent ? new Promise(() => {}) : { yes: true }
      })
    }
    const room = labs[0]!.server.rooms.hall({ id: 'h' })
    const asking = settled(room.emitWithAck.poll({ text: '?' }, { timeoutMs: 3_000 }), 'the question')
    await eventually(() => asked === all.length, 'all were asked')
    await leaving.client.close()
    await eventually(() => [...last.server.sessions].length === 2, 'one has gone')
    await Promise.all(labs.map(({ clock }) => clock.advance(3_010)))
    const result = await asking
    const acks = result.status === 'fulfilled' ? result.value : []
    const statuses = Object.fromEntries(acks.map(({ sessionId, status }) => [sessionId, status]))
    const expected = all.map((member) => {
      const status = member === leaving ? 'left' : member === silent ? 'timedOut' : 'acked'
      return [member.sessionId, status]
    })
    expect(statuses).toEqual(Object.fromEntries(expected))
    expect(acks).toHaveLength(all.length)
    expectNoErrors(labs)
  })

  test('a member that server code has evicted hears nothing more; the others do, and it may come back', async () => {
    const { labs, all, last } = await setUp()
    const [session] = [...last.server.sessions]
    const evicted = all.find(({ sessionId }) => sessionId === session!.id)!
    const others = all.filter((member) => member !== evicted)
    await session!.leave(last.server.rooms.hall({ id: 'h' }))
    say(labs[0]!, 'without you')
    await heardAll(others, 'without you')
    await eventually(() => evicted.hall.status.current.state === 'left', 'the handle is told')
    const again = evicted.client.join.hall({ id: 'h' })
    again.on.said(({ text }) => void evicted.heard.push(text))
    await again.ready
    say(labs[0]!, 'welcome back')
    await heardAll(all, 'welcome back')
    expect(evicted.heard).toEqual(['welcome back'])
  })

  test('a node that closes in the midst takes its members with it: the others hear all, in one order', async () => {
    const { labs, all, last } = await setUp()
    const others = all.filter(({ lab }) => lab !== last)
    const speaking = (async () => {
      for (let n = 0; n < 100; n++) {
        say(labs[0]!, `${n}`)
        if (n % 5 === 0) await quiet(1)
      }
    })()
    await quiet(3)
    await last.close()
    await speaking
    if (others.length > 0) await heardAll(others, '99')
    for (const { heard } of others) expect(heard).toEqual(Array.from({ length: 100 }, (__, n) => `${n}`))
    expectNoErrors(labs.slice(0, -1))
  })

  test('a signal ends a question on all nodes', async () => {
    const { labs, all } = await setUp(1)
    let asked = 0
    for (const { hall } of all) {
      hall.on.poll(() => {
        asked++
        return new Promise(() => {})
      })
    }
    const controller = new AbortController()
    const { signal } = controller
    const room = labs[0]!.server.rooms.hall({ id: 'h' })
    const asking = settled(room.emitWithAck.poll({ text: '?' }, { signal }), 'the question')
    await eventually(() => asked === all.length, 'all were asked')
    controller.abort()
    expect(await asking).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } })
    await eventually(() => labs.every(({ clock }) => clock.pending === 0), 'no time limit is left on any node')
    expectNoErrors(labs)
  })

  test('a question that is open when its server closes is over then', async () => {
    const { labs, all } = await setUp(1)
    let asked = 0
    for (const { hall } of all) {
      hall.on.poll(() => {
        asked++
        return new Promise(() => {})
      })
    }
    const asking = settled(labs[0]!.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' }), 'the question')
    await eventually(() => asked === all.length, 'all were asked')
    await labs[0]!.close()
    const { status } = await asking
    expect(status).toBe('fulfilled')
    await eventually(() => labs[0]!.clock.pending === 0, 'no time limit is left')
  })
})

test('HI-7: who was excepted in a lost session does not hear it from a server that is behind', async () => {
  const broker = delaying()
  const [first, second] = await startNodes(broker, 2)
  const joins = async (lab: RunningLab) => {
    const peer = await lab.peer()
    await peer.hello({ instance: 'one' })
    peer.send([frames.call.kind, 1, '$join', 0, { kind: 'hall', params: { id: 'h' } }])
    await peer.readKind(frames.result.kind)
    return peer
  }
  const one = await joins(first!)
  const behind = await enter(second!)
  const letGo = broker.holdBack(broker.nodes[1]!)
  first!.server.rooms.hall({ id: 'h' }).except(first!.session()).emit.said({ text: 'not for one' })
  say(first!, 'for all')
  one.cut()
  const again = await joins(second!)
  letGo()
  await heardAll([behind], 'for all')
  expect(behind.heard).toEqual(['not for one', 'for all'])
  expect(JSON.stringify(await again.readKind(frames.roomEvent.kind))).toContain('for all')
})

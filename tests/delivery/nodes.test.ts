import { createMemoryBroker } from '@typewire/server'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { joinFloor, readAll, startMarket } from './market.ts'

// How an event is delivered is decided where it is emitted, and holds on every node.

const price = (value: number) => ({ symbol: 'x', price: value })

test('what one node emits is volatile, or of a key, at the members of another (DL-1, DL-4)', async () => {
  const broker = createMemoryBroker()
  const [here, there] = [await startMarket({ broker }), await startMarket({ broker })]
  const peer = await there.connect()
  const room = await joinFloor(peer)
  const floor = here.server.rooms.floor(1)
  const emitAll = () => {
    for (const value of [1, 2]) {
      floor.emit.price(price(value))
      here.server.emit.price(price(value))
      floor.emit.pulse(String(value))
      floor.volatile.emit.price(price(-value))
      here.server.to([peer.session]).emit.pulse(String(value))
    }
  }
  emitAll()
  const counted = [
    [25, 0, room, 'price', 0, price(2)],
    [24, 0, 'price', 0, price(2)],
  ]
  const volatile = [1, 2].flatMap((value) => [
    [8, room, 'pulse', 0, String(value)],
    [8, room, 'price', 0, price(-value)],
    [8, 0, 'pulse', 0, String(value)],
  ])
  expect(await readAll(peer)).toEqual([...counted, ...volatile])
  const before = peer.session.delivery
  expect(before).toMatchObject({ dropped: 0, conflated: 2 })

  peer.cut()
  await eventually(() => {
    peer.session.emit.pulse('?')
    return peer.session.delivery.dropped > 0
  }, 'the server has noticed')
  const { dropped } = peer.session.delivery
  emitAll()
  expect(peer.session.delivery).toMatchObject({ dropped: dropped + 6, conflated: 4 })
  expect(there.server.delivery).toEqual({ dropped: dropped + 6, conflated: 4 })
  expect(here.server.delivery).toEqual({ dropped: 0, conflated: 0 })
  expect(await readAll(await peer.comeBack(3))).toEqual(counted)
})

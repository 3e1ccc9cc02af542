import { type ElementType, firstCountedKind, type FrameEntry, frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy, closedBy, endOf } from './beside.ts'

// From the table of frames: every element of every frame, missing and of every wrong type (FR-4).

failOnUnhandledRejections()

const right: Readonly<Record<ElementType, unknown>> = {
  count: 1,
  id: 1,
  text: 'x',
  options: 0,
  object: {},
  payload: {},
  'count or null': null,
}

const noCounts = ['1', -1, 1.5, 2 ** 53, true, {}, []]
const wrong: Readonly<Record<ElementType, readonly unknown[]>> = {
  count: [...noCounts, null],
  id: [...noCounts, null, 0],
  text: [1, null, true, {}, [], ['x'], 'x'.repeat(1_025)],
  options: [1, -1, '0', null, true, [], [0]],
  object: [0, 1, 'x', null, true, []],
  payload: [],
  'count or null': noCounts,
}

const table = Object.entries(frames) as [string, FrameEntry][]
const withElements = table.filter(([, { elements }]) => Object.keys(elements).length > 0)

describe.each(withElements)('FR-4: %s', (name, { kind, elements }) => {
  const types = Object.entries(elements)

  for (const [index, [element, type]] of types.entries()) {
    if (type === 'payload') continue // any JSON, or missing
    const before = types.slice(0, index).map(([, earlier]) => right[earlier])
    const behind = types.slice(index + 1).map(([, later]) => right[later])
    const cases: (readonly [string, readonly unknown[]])[] = [
      ['missing', [kind, ...before]],
      ...wrong[type].map((value) => [JSON.stringify(value).slice(0, 40), [kind, ...before, value, ...behind]] as const),
    ]

    test.each(cases)(`${element}: %s`, async (_, frame) => {
      await besideHealthy(async ({ welcomed }) => {
        const peer = await welcomed()
        peer.send(frame)
        const end = await endOf(peer)
        expect(end).toEqual(closedBy('BAD_FRAME', 'FR-4'))
        expect(end).toMatchObject({ reason: `FR-4: ${name}.${element} is missing or wrong` })
      })
    })
  }
})

describe('a frame without a payload', () => {
  const withPayload = table.filter(([, { kind, elements }]) => kind >= firstCountedKind && 'payload' in elements)

  test.each(withPayload)('%s is well formed', async (_, { kind, elements }) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      const types = Object.entries(elements).filter(([element]) => element !== 'payload')
      peer.send([kind, ...types.map(([, type]) => right[type])])
      peer.send([frames.ping.kind, 0, 0])
      // A client may not send all of them, but none of them is malformed.
      const answer = await peer.read()
      expect(JSON.stringify(answer)).not.toContain('FR-4')
    })
  })
})

test('FR-4: a text of 1,024 characters is taken', async () => {
  await besideHealthy(async ({ welcomed }) => {
    const peer = await welcomed()
    peer.send([frames.call.kind, 1, 'x'.repeat(1_024), 0])
    expect(await peer.read()).toEqual([frames.error.kind, 1, 'NOT_FOUND', expect.any(String), 0])
  })
})

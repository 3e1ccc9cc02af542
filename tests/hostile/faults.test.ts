import { frames } from '@typewire/core/internal'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { besideHealthy } from './beside.ts'

test('EV-5: a flood of events that nobody knows is told once, and counted at the end of the session', async () => {
  await besideHealthy(async ({ lab, welcomed }) => {
    const peer = await welcomed()
    for (let message = 0; message < 10; message++) {
      peer.send(...Array.from({ length: 500 }, () => [frames.event.kind, 0, 'x', 0]))
    }
    peer.send([frames.ping.kind, 0, 0])
    await peer.readKind(frames.pong.kind)
    expect(lab.errors).toMatchObject([{ error: { code: 'NOT_FOUND' }, info: { where: 'event x' } }])
    peer.cut()
    await eventually(() => lab.errors.length === 2, 'the rest is counted')
    expect(lab.errors[1]).toMatchObject({ error: { message: expect.stringMatching(/^4999 more events/) as string } })
  })
})

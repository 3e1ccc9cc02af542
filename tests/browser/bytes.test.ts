import { describe, expect, test } from 'vitest'
import { canSkip } from './browser.ts'
import { eventually, transportOf, usePlainStage } from './plain/plain-stage.ts'

describe.skipIf(canSkip)('bytes, in Chromium', { timeout: 60_000 }, () => {
  const stage = usePlainStage()

  test.for([
    { by: 'websocket', upgrades: 'pass', isBuffering: false },
    { by: 'http-stream', upgrades: 403, isBuffering: false },
    { by: 'http-poll', upgrades: 403, isBuffering: true },
  ] as const)('go to the server and come back by $by (WR-3, HT-3)', async ({ by, upgrades, isBuffering }) => {
    const server = await stage.start()
    server.proxy.upgrades = upgrades
    server.proxy.isBuffering = isBuffering
    const page = await stage.open(server)
    await eventually(() => transportOf(page)).toBe(by)
    const came = await page.evaluate(async () => {
      const sent = [new Uint8Array(70_000).map((_, index) => index * 7), new Uint8Array([255]), new Uint8Array()]
      const { bytes } = await window.plain.client.call.carry({ n: 1, bytes: sent })
      const isSame = bytes.every((part, index) => part.every((byte, at) => byte === sent[index]![at]))
      return { isSame, kinds: bytes.map((part) => part.constructor.name), lengths: bytes.map(({ length }) => length) }
    })
    expect(came).toEqual({
      isSame: true,
      kinds: ['Uint8Array', 'Uint8Array', 'Uint8Array'],
      lengths: [70_000, 1, 0],
    })

    const things = await page.evaluate(async () => {
      const chosen = new File(['chosen'], 'naïve.txt', { type: 'text/plain', lastModified: 5 })
      const sent = [chosen, new Blob([new Uint8Array(70_000)], { type: 'image/png' }), Float32Array.of(1.5, -0)]
      const answer = window.plain.client.call.carry({ n: 1, bytes: [], things: sent })
      window.plain.client.emit.up(7) // it comes behind what is being read
      const [file, blob, numbers] = (await answer).things as [File, Blob, Float32Array]
      const { name, type, lastModified } = file
      return {
        file: [file.constructor.name, name, type, lastModified, await file.text()],
        blob: [blob.constructor.name, blob.size, blob.type],
        numbers: [numbers.constructor.name, String(numbers), Object.is(numbers[1], -0)],
      }
    })
    expect(things).toEqual({
      file: ['File', 'naïve.txt', 'text/plain', 5, 'chosen'],
      blob: ['Blob', 70_000, 'image/png'],
      numbers: ['Float32Array', '1.5,0', true],
    })
    await eventually(() => server.up).toEqual([7])
  })
})

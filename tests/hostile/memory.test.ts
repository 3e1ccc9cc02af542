import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

// What one message may make the receiver build. In a thread of its own with little memory: one that takes too much
// dies there, and says so.

const core = fileURLToPath(new URL('../../packages/core/src/internal.ts', import.meta.url))

/** Decodes in a thread of 128 MB; gives the message of the error that decoding throws. */
async function decodeInLittleMemory(payload: string, annotations: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { parentPort, workerData } from 'node:worker_threads'
        import { decodePayload } from ${JSON.stringify(core)}
        try {
          decodePayload(JSON.parse(workerData.payload), JSON.parse(workerData.annotations))
          parentPort.postMessage('decoded')
        } catch (error) {
          parentPort.postMessage(String(error))
        }`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  })
  const worker = new Worker(outputFiles[0]!.text, {
    eval: true,
    workerData: { payload, annotations },
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 },
  })
  try {
    const [answer] = (await once(worker, 'message')) as [string]
    return answer
  } finally {
    await worker.terminate()
  }
}

test('PL-6: annotations below a long path are refused within the memory of their message', async () => {
  // 400 KB of path with 10,000 annotations behind it: a path for each of them would be 16 GB.
  const path = `${'a.'.repeat(200_000)}a`
  const children = Array.from({ length: 10_000 }, (_, index) => `"${index}":["undefined"]`)
  const answer = await decodeInLittleMemory('{"a":null}', `{"${path}":{${children.join()}}}`)
  expect(answer).toContain('Error: ')
})

test.each([
  ['as deep as it may be', 500, 498],
  ['with as many as there may be', 23, 10_000],
])('PL-6: the annotations of a payload that is %s are within memory', async (_, depth, count) => {
  const path = `${'a.'.repeat(depth - 1)}a`
  const children = Array.from({ length: count }, (__, index) => `"${index}":["undefined"]`)
  const nulls = JSON.stringify(Array.from({ length: count }).fill(null))
  const payload = `${'{"a":'.repeat(depth)}${nulls}${'}'.repeat(depth)}`
  expect(await decodeInLittleMemory(payload, `{"${path}":{${children.join()}}}`)).toBe('decoded')
})

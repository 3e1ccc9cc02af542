import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createServer } from '@typewire/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chat } from '../../examples/chat/src/contract.ts'
import { serve } from '../support/serve.ts'
import { generatePython, temporaryFolder } from './generate-python/generate.ts'
import { canSkip, mypy, python } from './generate-python/python.ts'

// The example of docs/generate-python.md, as it stands there.

const document = readFileSync(fileURLToPath(new URL('../../docs/generate-python.md', import.meta.url)), 'utf8')
const example = /^```python\n([^]*?)^```$/m.exec(document)![1]!

async function writeExample(): Promise<string> {
  const folder = temporaryFolder()
  await generatePython('examples/chat/src/contract.ts', join(folder, 'chat_client'))
  writeFileSync(join(folder, 'example.py'), example)
  return folder
}

describe('docs/generate-python.md', () => {
  test.skipIf(canSkip)('its example runs', { timeout: 30_000 }, async () => {
    let sent = 0
    const server = createServer(chat, { authenticate: ({ auth }) => ({ identity: auth.key, name: auth.name }) })
    const listening = server.implement({
      procedures: {
        openRoom: ({ input }) => ({ id: 'r1', name: input.name, topic: '' }),
        send: ({ input, ctx, server: { rooms }, errors }) => {
          if (++sent > 1) throw errors.TOO_FAST({ retryAfterMs: 500 })
          const author = { id: 'u1', name: ctx.name }
          rooms.chat({ roomId: input.roomId }).emit.message({ ...input, author, sentAt: new Date('2026-01-31') })
        },
      },
      rooms: {
        chat: { authorize: () => true, presence: { of: ({ said, ctx }) => ({ ...said, name: ctx.name }) } },
      },
      session: ({ session, ctx }) => session.emit.welcome({ you: { id: 'u1', name: ctx.name }, rooms: [] }),
    })
    const { url } = await serve(listening)
    const folder = await writeExample()
    const child = spawn(python!, ['-B', '-W', 'error', 'example.py', url], {
      cwd: folder,
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    const exited = once(child, 'exit')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await exited
    })
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
    expect(errors).toBe('')
    expect(output.trim().split('\n')).toEqual([
      'I am Ada',
      'Ada said Hello from Python in 2026',
      "['Ada']",
      'too fast, for 500 ms',
    ])
  })

  test.skipIf(!mypy)('its example is typed', { timeout: 120_000 }, async () => {
    const folder = await writeExample()
    const checked = spawnSync(mypy!, ['--strict', '--cache-dir', join(folder, 'cache'), 'example.py'], {
      encoding: 'utf8',
      cwd: folder,
    })
    expect(checked.stdout).toMatch(/^Success/)
  })
})

import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { openTerminal, startLab } from './terminal-lab.ts'
import { buildProgram, start } from './terminal-program.ts'

const program = await buildProgram()

async function typewire(...args: readonly string[]) {
  const { cwd } = await openTerminal()
  return start(process.execPath, [program.main, ...args], { cwd })
}

describe('the program', () => {
  test('calls, prints and ends', async () => {
    const { url } = await startLab()
    const call = await typewire('call', url, 'whoami')
    expect(await call.ended).toBe(0)
    expect(call.out()).toBe('"guest"\n')
    expect(call.err()).toBe('')
  })

  test.each(['websocket', 'http-stream', 'http-poll'])('over %s Ctrl-C ends a call with 130', async (transport) => {
    const { url, state } = await startLab()
    const call = await typewire('call', url, 'wait', '--transport', transport)
    await eventually(() => state.waiting === 1, 'the handler runs')
    call.child.kill('SIGINT')
    expect(await call.ended).toBe(130)
    expect(call.err()).toBe('')
    await eventually(() => state.sessions === 0, 'the session is over')
  })

  test('Ctrl-C ends listening with 0', async () => {
    const { url, state } = await startLab()
    const listen = await typewire('listen', url)
    await eventually(() => listen.out().includes('in the lobby'), 'it hears')
    listen.child.kill('SIGINT')
    expect(await listen.ended).toBe(0)
    await eventually(() => state.sessions === 0, 'the session is over')
  })

  test('uploads what is piped into it as it comes', async () => {
    const { url } = await startLab()
    const call = await typewire('call', url, 'importRows', '-', '--head', '{"table":"t"}')
    for (let n = 1; n <= 1_000; n++) call.child.stdin.write(`{"n":${n}}\n`)
    call.child.stdin.end()
    expect(await call.ended).toBe(0)
    expect(call.out()).toBe('"t: 500500"\n')
  })

  test('ends when a call fails, though more could be read', async () => {
    const { url } = await startLab()
    const call = await typewire('call', url, 'importRows', '-', '--head', '{"table":"t"}')
    call.child.stdin.write('{"n":"no number"}\n')
    expect(await call.ended).toBe(1)
    expect(call.err()).toContain('INVALID_INPUT')
  })

  test('waits for who reads it, and ends when that is gone', async () => {
    const { url } = await startLab()
    const { cwd } = await openTerminal()
    const command = `typewire stream ${url} count '{"to":100000000}' | head -n 3`
    const env = { ...process.env, PATH: program.path }
    const shell = start('bash', ['-c', command], { cwd, env })
    expect(await shell.ended).toBe(0)
    expect(shell.out()).toBe('{"n":1}\n{"n":2}\n{"n":3}\n')
  })
})

describe('typewire completion', () => {
  /** What bash would show for a line. */
  async function completed(line: string): Promise<string[]> {
    const { cwd } = await openTerminal()
    const script = `
      eval "$(typewire completion bash)"
      COMP_LINE=$1; COMP_POINT=\${#1}
      _typewire typewire
      printf '%s\\n' "\${COMPREPLY[@]}"`
    const env = { ...process.env, PATH: program.path }
    const shell = start('bash', ['-c', script, 'bash', line], { cwd, env })
    expect(await shell.ended).toBe(0)
    expect(shell.err()).toBe('')
    return shell.out().split('\n').filter(Boolean)
  }

  test.each([
    ['typewire ca', ['call']],
    ['typewire call http://localhost:3000 s', ['send']],
    ['typewire call --timeout 5 http://localhost:3000 ', ['count', 'importRows', 'later', 'send', 'wait', 'whoami']],
    ['typewire join http://localhost:3000 chat \'{ "roomId": "1" }\' --event m', ['message']],
    ['typewire call http://localhost:3000 send --trans', ['--transport']],
    ['typewire call http://localhost:3000 send @', []],
  ])('bash completes %s', async (line, words) => {
    expect(await completed(line)).toEqual(words)
  })
})

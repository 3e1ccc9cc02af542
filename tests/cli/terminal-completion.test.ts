import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { folderWith } from './run-cli.ts'
import { typewire } from './terminal-lab.ts'

const url = 'http://localhost:3000'

async function complete(...words: readonly string[]): Promise<string[]> {
  const { exitCode, out } = await typewire(['complete', '--', ...words])
  expect(exitCode).toBe(0)
  return out.split('\n').filter(Boolean)
}

describe('typewire complete', () => {
  test('knows the commands, but not itself', async () => {
    const commands = await complete('')
    expect(commands).toEqual(
      expect.arrayContaining(['call', 'completion', 'emit', 'join', 'listen', 'snapshot', 'stream']),
    )
    expect(commands).not.toContain('complete')
    expect(await complete('generate', 'json')).toEqual(['json-schema'])
  })

  test.each<[words: string[], found: string[]]>([
    [
      ['call', url, 'w'],
      ['wait', 'whoami'],
    ],
    [['call', url, 'c'], ['count']],
    [['stream', url, ''], ['count']],
    [['emit', url, ''], ['seen']],
    [
      ['listen', url, ''],
      ['ask', 'message', 'notice', 'quiet', 'welcome'],
    ],
    [['listen', url, 'ask', 'n'], ['notice']],
    [
      ['join', url, ''],
      ['chat', 'lobby'],
    ],
    [['join', url, 'chat', '--emit', ''], ['say']],
    [['join', url, 'lobby', '--event', ''], ['welcome']],
    [['call', url, '--namespace', ''], ['admin']],
    [['call', url, '-n', 'admin', ''], ['ban']],
    [['call', '--namespace=admin', url, ''], ['ban']],
    [
      ['call', url, 'send', '--transport', 'http'],
      ['http-poll', 'http-stream'],
    ],
    [
      ['call', url, 'send', '-t', ''],
      ['http-poll', 'http-stream', 'websocket'],
    ],
    [['call', url, 'send', '--conn'], ['--connect-timeout']],
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['call', url, 'x', '--contract', ''], []],
    [['call', ''], []],
    [['call', '--contract', 'none.json', url, ''], []],
  ])('%j', async (words, found) => {
    expect(await complete(...words)).toEqual(found)
  })
})

describe('typewire completion', () => {
  test.each(['bash', 'zsh', 'fish'])('prints a script that %s can read', async (shell) => {
    const { exitCode, out } = await typewire(['completion', shell])
    expect(exitCode).toBe(0)
    expect(out).toContain('typewire')
    const { path } = folderWith({ script: out })
    if (isThere(shell)) execFileSync(shell, ['-n', `${path}/script`])
    else if (process.env['CI']) throw new Error(`${shell} is not installed: .ci/run installs it.`)
    else console.log(`${shell} is not installed: its script is not read.`)
  })

  test('knows three shells', async () => {
    expect(await typewire(['completion', 'tcsh'])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('bash, zsh, fish') as string,
    })
  })
})

/** Bash is everywhere; the others may not be. */
function isThere(shell: string): boolean {
  try {
    execFileSync(shell, ['-c', 'true'])
    return true
  } catch {
    return false
  }
}

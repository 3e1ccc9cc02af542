import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'

/** Debian's place for it; CHROMIUM_PATH names another. */
const executablePath = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium'

/** On a developer's machine these tests may be missing; in CI their absence is a failure. */
export const canSkip = !existsSync(executablePath) && !process.env['CI']
if (canSkip) {
  console.warn(
    `SKIPPED: the tests in a browser. There is no ${executablePath}: install Chromium, or set CHROMIUM_PATH.`,
  )
}

// No sandbox: root has none to give. Nothing of its own goes out to the network.
const args: string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** @throws Error when there is no Chromium. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args,
  })
}

/** A browser as a person has it: a tab that is behind another one is hidden, may be frozen, and pages are cached. */
export interface TabbedBrowser extends AsyncDisposable {
  readonly context: BrowserContext
}

/**
 * Playwright's own way to launch takes all of that away: it makes every page believe that it is in front, and turns the
 * throttling of background tabs and the page cache off. So this launches by itself, and connects.
 * @throws Error, with what it printed, when it does not start.
 */
export async function launchTabbedBrowser(): Promise<TabbedBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'typewire-chromium-'))
  const child = spawn(
    executablePath,
    ['--headless', '--remote-debugging-port=0', `--user-data-dir=${folder}`, ...args, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  const ended = once(child, 'exit')
  const end = async () => {
    child.kill('SIGTERM') // in order: one that is killed leaves children that still write into the folder
    await ended
    process.off('exit', kill)
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
  try {
    const browser = await chromium.connectOverCDP(await endpointOf(child), { noDefaults: true })
    return { context: browser.contexts()[0]!, [Symbol.asyncDispose]: end }
  } catch (error) {
    await end()
    throw error
  }
}

/** Where it takes commands, from what it prints. */
function endpointOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const endpoint = /^DevTools listening on (\S+)$/m.exec(printed)?.[1]
      if (endpoint) resolve(endpoint)
    })
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code} before it could be used. ${printed}`)))
    child.once('error', reject)
  })
}

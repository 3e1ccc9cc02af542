// docs/tutorial.md, word for word: its files are written, its commands run, and its page is used in a browser.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer as createNetServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { createServer as createViteServer } from 'vite'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { canSkip, launchBrowser } from '../browser/browser.ts'
import { readDocument, root } from '../documents/documents.ts'

const text = readDocument('docs/tutorial.md')
const files = [...text.matchAll(/^```\w+ file=(\S+)\n([^]*?)^```$/gm)].map(([, name = '', code = '']) => ({
  name,
  code,
}))
const commands = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].flatMap(([, lines = '']) => lines.trim().split('\n'))
const output = /^```text\n([^]*?)^```$/m.exec(text)?.[1]

let folder = ''
let port = 0

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'typewire-tutorial-'))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }') // npm init -y && npm pkg set type=module
  for (const { name, code } of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
  }
  port = await freePort()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The server of the tutorial comes back where it was, so it needs a port of its own. */
async function freePort(): Promise<number> {
  const server = createNetServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: free } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return free
}

/** `npx tsx file`, on the sources of this repository. */
function tsx(file: string): ChildProcess {
  const cli = join(root, 'node_modules/tsx/dist/cli.mjs')
  return spawn(process.execPath, [cli, '--conditions=@typewire/source', file], {
    cwd: folder,
    env: { ...process.env, PORT: String(port), NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function startServer(): Promise<() => Promise<void>> {
  const child = tsx('server.ts')
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  onTestFinished(end)
  const [said] = (await once(child.stdout!, 'data')) as [Buffer]
  expect(said.toString()).toBe(`on http://localhost:${port}\n`)
  return end
}

test('names all packages that its files import, and each command that is run here', () => {
  const imported = new Set(
    files.flatMap(({ code }) => [...code.matchAll(/ from '([^.'][^']*)'/g)].map(([, name = '']) => packageOf(name))),
  )
  const installed = commands.filter((line) => line.startsWith('npm i ')).flatMap((line) => line.split(' ').slice(2))
  const missing = [...imported].filter(
    (name) => !builtinModules.includes(name.replace('node:', '')) && !installed.includes(name),
  )
  expect(missing).toEqual([])
  expect(commands.filter((line) => line.startsWith('npx '))).toEqual([
    'npx tsx server.ts',
    'npx tsx try.ts',
    'npx tsc',
    'npx vite',
  ])
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(files.map(({ name }) => name)))
})

test('fits its contract and its own tsconfig.json', { timeout: 60_000 }, async () => {
  const cli = join(root, 'node_modules/typescript/bin/tsc')
  // What only the sources of this repository need; what npm gives has types of its own.
  const ofSources = ['--customConditions', '@typewire/source', '--exactOptionalPropertyTypes']
  const child = spawn(process.execPath, [cli, ...ofSources], { cwd: folder })
  let said = ''
  child.stdout.on('data', (data: Buffer) => (said += data.toString()))
  const [code] = (await once(child, 'close')) as [number]
  expect([code, said]).toEqual([0, ''])
})

const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

test('what it tries without a page prints what it says', { timeout: 60_000 }, async () => {
  await startServer()
  const child = tsx('try.ts')
  onTestFinished(() => void child.kill())
  let said = ''
  child.stdout!.on('data', (data: Buffer) => (said += data.toString()))
  await once(child, 'close')
  expect(said).toBe(output)
})

describe.skipIf(canSkip)('its page', { timeout: 120_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  async function enter(url: string, name: string) {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      const isOfNetwork = /WebSocket|net::ERR_|status of 5|\[vite\]/.test(message.text())
      if (message.type() === 'error' && !isOfNetwork) problems.push(message.text())
    })
    onTestFinished(() => page.close())
    await page.goto(url)
    await page.getByLabel('Your name').fill(name)
    await page.getByRole('button', { name: 'Enter' }).click()
    await page.getByText(/^by websocket · here: .*/).waitFor()
    return { page, problems }
  }
  const say = async (page: Page, words: string) => {
    await page.getByLabel('Message').fill(words)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
  }
  const said = (page: Page, author: string, words: string) =>
    page
      .getByRole('listitem')
      .filter({ hasText: new RegExp(`^${author} ${words} \\d`) })
      .waitFor()

  test('two people talk, see each other, and what was sent while the server was away arrives', async () => {
    const end = await startServer()
    process.env['PORT'] = String(port)
    onTestFinished(() => void delete process.env['PORT'])
    const vite = await createViteServer({
      root: folder,
      logLevel: 'silent',
      // The packages here are not built.
      resolve: { conditions: ['@typewire/source', 'module', 'browser', 'development|production'] },
      cacheDir: join(folder, '.vite'),
      server: { port: 0, host: '127.0.0.1', fs: { strict: false }, hmr: false },
    })
    onTestFinished(() => vite.close())
    await vite.listen()
    const url = `http://127.0.0.1:${(vite.httpServer!.address() as AddressInfo).port}`

    const ada = await enter(url, 'Ada')
    const grace = await enter(url, 'Grace')
    await ada.page.getByText('here: Ada, Grace').waitFor()
    await ada.page.getByLabel('Message').pressSequentially('Hel')
    await grace.page.getByText('Ada is typing …').waitFor()
    await grace.page.getByText('Ada is typing …').waitFor({ state: 'hidden' }) // she has stopped
    await say(ada.page, 'Hello')
    await said(grace.page, 'Ada', 'Hello')
    await said(ada.page, 'Ada', 'Hello')

    // On a busy machine it takes more than one try to be too fast.
    let tries = 0
    const quicker = () => ada.page.getByRole('listitem').filter({ hasText: `Quicker ${tries}` })
    const again = () => quicker().getByRole('button', { name: 'TOO_FAST: send again' })
    const isTooFast = async () => {
      tries++
      await ada.page.getByLabel('Message').pressSequentially(`Quick ${tries}\nQuicker ${tries}\n`)
      await quicker()
        .filter({ hasText: /TOO_FAST|:/ })
        .waitFor()
      return (await again().count()) > 0
    }
    await expect.poll(isTooFast, { timeout: 30_000, interval: 400 }).toBe(true)
    const comes = grace.page.getByRole('listitem').filter({ hasText: `Quicker ${tries}` })
    const sendAgain = async () => {
      if ((await again().count()) > 0)
        await again()
          .click({ timeout: 1_000 })
          .catch(() => {}) // it may be gone by now
      return comes.count()
    }
    await expect.poll(sendAgain, { timeout: 30_000 }).toBe(1)

    // The first of a pair may have been too fast as well, behind the pair before.
    const discard = ada.page.getByRole('button', { name: 'Discard' })
    const discardAll = async () => {
      await discard
        .first()
        .click({ timeout: 1_000 })
        .catch(() => {}) // none is left
      return discard.count()
    }
    await expect.poll(discardAll, { timeout: 30_000 }).toBe(0)

    // What is empty is not sent, and what was refused can be let go.
    await ada.page.getByLabel('Message').fill(' ')
    await ada.page.getByRole('button', { name: 'Send', exact: true }).click()
    await say(ada.page, 'x'.repeat(2001))
    await ada.page.getByRole('button', { name: 'INVALID_INPUT: send again' }).waitFor()
    await discard.click()
    await discard.waitFor({ state: 'detached' })
    expect(await ada.page.getByRole('button').allTextContents()).toEqual(['Send'])

    await grace.page.reload()
    await grace.page.getByLabel('Your name').fill('Grace')
    await grace.page.getByRole('button', { name: 'Enter' }).click()
    await said(grace.page, 'Ada', 'Hello') // from the history

    await end()
    await ada.page.getByText('connecting …').waitFor()
    await say(ada.page, 'Into the dark')
    await ada.page.getByText('Into the dark …').waitFor()
    await startServer()
    await said(ada.page, 'Ada', 'Into the dark')
    expect([...ada.problems, ...grace.problems]).toEqual([])
  })
})

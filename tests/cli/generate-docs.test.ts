import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { fingerprintOf } from '@typewire/core/snapshot'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { canSkip, launchBrowser } from '../browser/browser.ts'
import { contracts, expectGolden, generateDocument, root } from './generate-document.ts'
import { folderWith } from './run-cli.ts'

describe('generate docs', () => {
  test.for(['chat', 'ticker'] as const)('makes of %s the page that it was', async (name) => {
    const { text } = await generateDocument('docs', contracts[name])
    expectGolden(text, `docs/${name}.html`)
    expect(Buffer.byteLength(text)).toBeLessThan(60_000)
  })

  test('is the same bytes twice, and takes a title', async () => {
    const { text } = await generateDocument('docs', contracts.documented, ['--title', 'Us <& them>'])
    expect((await generateDocument('docs', contracts.documented, ['--title', 'Us <& them>'])).text).toBe(text)
    expect(text).toContain('<title>Us &lt;&amp; them&gt;</title>')
  })

  test('has an anchor for each link, and each once', async () => {
    const { text } = await generateDocument('docs', contracts.documented)
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id!)
    expect(new Set(ids).size).toBe(ids.length)
    const targets = [...text.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => decodeURIComponent(id!))
    const anchors = new Set(
      ids.map((id) => id.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"')),
    )
    expect(targets.filter((target) => !anchors.has(target))).toEqual([])
    expect(targets).toEqual(
      expect.arrayContaining(['procedures.send', 'namespaces.admin.rooms.desk.events.toClient.message']),
    )
  })

  test('writes examples as a client does, and what travels as the protocol says', async () => {
    const { text } = await generateDocument('docs', contracts.documented)
    const send = textOfArticle(text, 'procedures.send')
    expect(send).toContain(
      "const result = await client.call.send({ sentAt: new Date('2026-01-31T12:00:00.000Z'), text: 'Hello' })",
    )
    expect(send).toContain('→ [17,1,"send",0,{"sentAt":"2026-01-31T12:00:00.000Z","text":"Hello"},{"sentAt":["Date"]}]')
    expect(send).toContain('← [19,1,"GONE","send answered GONE.",0]')
    expect(textOfArticle(text, 'rooms.chat')).toContain(
      '→ [17,1,"$join",0,{"kind":"chat","params":{"roomId":"42"},"presence":{"isAway":true}}]',
    )
    expect(textOfArticle(text, 'namespaces.admin.procedures.ban')).toContain(
      'await client.ns.admin.call.ban({ person: {',
    )
  })

  test('has examples that compile', { timeout: 60_000 }, async () => {
    const { text } = await generateDocument('docs', contracts.documented)
    const functions = examplesOf(text).map(([id, code], at) => {
      const [, namespace, name] = /^(?:namespaces\.(\w+)\.)?rooms\.(\w+)\.events\./.exec(id) ?? []
      const room = name && `room: ReturnType<typeof client${namespace ? `.ns.${namespace}` : ''}.join.${name}>`
      return `async function example${at}(${room ?? ''}) {\n${code}\n}\n`
    })
    expect(functions.length).toBeGreaterThan(20)
    expect(await errorsOf(functions.join(''))).toBe('')
  })
})

describe.skipIf(canSkip)('the page in a browser', { timeout: 60_000 }, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser?.close())

  /** Opens a page from disk. What it complains of or asks the network for is kept. */
  async function open(path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; faults: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    const faults: string[] = []
    page.on('console', (message) => faults.push(message.text()))
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) faults.push(request.url())
    })
    await page.goto(pathToFileURL(path).href)
    return { page, faults }
  }

  test('is searched by keys, and links lead where they say', async () => {
    const { page, faults } = await open((await generateDocument('docs', contracts.chat)).path)
    const shown = () =>
      page
        .locator('main article')
        .evaluateAll((all) => all.filter((one) => !(one as HTMLElement).hidden).map(({ id }) => id))
    const all = await shown()
    await page.keyboard.press('/')
    await page.keyboard.type('retryafter')
    expect(await shown()).toEqual(['procedures.send'])
    expect(await page.locator('#found').textContent()).toBe(`1 of ${all.length}`)
    expect(await page.locator('nav li:visible').allInnerTexts()).toEqual(['send'])

    await page.keyboard.press('Enter')
    expect(new URL(page.url()).hash).toBe('#procedures.send')
    await page.locator('[id="procedures.send"] a[href="#errors.TOO_FAST"]').click()
    expect(await page.locator('#query').inputValue()).toBe('') // what is gone to must be there
    expect(await page.locator('[id="errors.TOO_FAST"]').isVisible()).toBe(true)

    await page.keyboard.press('/')
    await page.keyboard.type('no such words')
    expect(await page.locator('#none').isVisible()).toBe(true)
    await page.keyboard.press('Escape')
    expect(await shown()).toEqual(all)

    await page.locator('nav a[href="#types.Message"]').click()
    const top = await page.locator('[id="types.Message"]').evaluate((article) => article.getBoundingClientRect().top)
    expect(top).toBeGreaterThanOrEqual(0)
    expect(top).toBeLessThan(900)
    expect(faults).toEqual([])
  })

  test('shows markup in descriptions as text', async () => {
    const { page, faults } = await open((await generateDocument('docs', contracts.documented)).path)
    expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
    expect(await page.locator('script').count()).toBe(1)
    expect(await page.locator('[id="procedures.send"]').textContent()).toContain(
      'Twice is once: <script>globalThis.hacked = true</script> & "more" code.',
    )
    await page.locator('[id="procedures.shapes"] a', { hasText: 'AnOddNameOfAType' }).click()
    expect(await page.locator('article:target h3').innerText()).toContain('AnOddNameOfAType')
    expect(faults).toEqual([])
  })

  test('is all there without JavaScript', async () => {
    const { page } = await open((await generateDocument('docs', contracts.chat)).path, { javaScriptEnabled: false })
    expect(await page.locator('#search').isVisible()).toBe(false)
    expect(await page.locator('[id="procedures.send"]').isVisible()).toBe(true)
  })

  test.for([
    { width: 1280, colorScheme: 'light' },
    { width: 1280, colorScheme: 'dark' },
    { width: 360, colorScheme: 'light' },
    { width: 360, colorScheme: 'dark' },
  ] as const)('can be read by all, $width wide and $colorScheme', async ({ width, colorScheme }) => {
    const { path } = await generateDocument('docs', contracts.documented)
    const { page } = await open(path, { viewport: { width, height: 800 }, colorScheme })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(
      0,
    )
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))
    await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }
      return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    })
    expect(violations).toEqual([])
  })

  test('finds one procedure of 300', async () => {
    const { path } = folderWith({ 'large.json': JSON.stringify(await largeSnapshot()) })
    const { page, faults } = await open((await generateDocument('docs', join(path, 'large.json'))).path)
    await page.keyboard.press('/')
    await page.keyboard.type('procedure217')
    const shown = await page.locator('main article:visible').evaluateAll((all) => all.map(({ id }) => id))
    expect(shown).toEqual(['procedures.procedure217', 'errors.FAILED']) // which says that it may be answered there
    await page.keyboard.press('Enter')
    expect(await page.locator('article:target h3').innerText()).toContain('procedure217')
    expect(faults).toEqual([])
  })
})

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** A contract of 300 procedures with ten members each. */
async function largeSnapshot(): Promise<object> {
  const members = Array.from({ length: 10 }, (_, at) => [`member${at}`, { type: 'string', maxLength: 100 + at }])
  const input = { type: 'object', properties: Object.fromEntries(members), required: ['member0'] }
  const procedures = Array.from({ length: 300 }, (_, at) => [
    `procedure${at}`,
    { input, output: input, description: `Does the ${at}th thing.`, errors: { FAILED: null } },
  ])
  const snapshot = { typewire: 1, name: 'large', procedures: Object.fromEntries(procedures) as object }
  return { ...snapshot, fingerprint: await fingerprintOf(snapshot) }
}

/** What stands in an article, without markup. */
function textOfArticle(text: string, id: string): string {
  const [, article = ''] = text.split(`<article id="${id}"`)
  return article
    .slice(0, article.indexOf('</article>'))
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** What is shown as TypeScript, with the id of its article. */
function examplesOf(text: string): readonly (readonly [id: string, code: string])[] {
  const ids = [...text.matchAll(/<article id="([^"]*)"/g)].map(([, id]) => id!)
  return ids.flatMap((id) => {
    const code = /Example\n\s*(.*?)\s*On the wire/s.exec(textOfArticle(text, id))?.[1]
    return code === undefined ? [] : [[id, code] as const]
  })
}

/** What the compiler says of code that has a client of the fixture. */
async function errorsOf(code: string): Promise<string> {
  const head = [
    "import { type Client, createClient } from '@typewire/client'",
    `import type { Documented as App } from '${join(root, contracts.documented)}'`,
    'declare const client: Client<App>\n',
  ].join('\n')
  const compilerOptions = {
    lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    types: ['node'],
    allowImportingTsExtensions: true,
    noEmit: true,
    rewriteRelativeImportExtensions: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
  const tsconfig = { extends: join(root, 'tsconfig.base.json'), compilerOptions, files: ['examples.ts'] }
  const { path } = folderWith({
    'package.json': '{ "type": "module" }',
    'examples.ts': head + code,
    'tsconfig.json': JSON.stringify(tsconfig),
  })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'), 'junction')
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const ran = promisify(execFile)(process.execPath, [tsc, '-p', path, '--pretty', 'false'])
  return (await ran.catch((failure: { readonly stdout: string }) => failure)).stdout
}

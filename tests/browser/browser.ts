import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Debian's place for it; CHROMIUM_PATH names another. */
const executablePath = process.env['CHROMIUM_PATH'] || '/usr/bin/chromium'

/** On a developer's machine these tests may be missing; in CI their absence is a failure. */
export const canSkip = !existsSync(executablePath) && !process.env['CI']
if (canSkip) {
  console.warn(
    `SKIPPED: the tests in a browser. There is no ${executablePath}: install Chromium, or set CHROMIUM_PATH.`,
  )
}

/** @throws Error when there is no Chromium. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // No sandbox: root has none to give. Nothing of its own goes out to the network.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

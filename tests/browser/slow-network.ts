import type { Page } from 'playwright-core'

/** What a page asks for by HTTP takes its time from here on, as in a train: 0.3 s to get there, and 60 kB a second. */
export async function slowDown(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 300,
    downloadThroughput: 60_000,
    uploadThroughput: 60_000,
  })
}

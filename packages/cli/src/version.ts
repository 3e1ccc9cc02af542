import { readFileSync } from 'node:fs'

/** Of this package. Not in what is generated, which would change with each release though nothing else does. */
export const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string
}

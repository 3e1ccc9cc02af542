import type { Nothing } from './schema.ts'

/** The schema of what carries no data. It takes only `undefined`, so a payload that nobody declared is refused. */
export const nothing: Nothing = {
  '~standard': {
    version: 1,
    vendor: 'typewire',
    validate: (value) =>
      value === undefined ? { value } : { issues: [{ message: 'Nothing is declared here, so nothing may be sent' }] },
  },
}

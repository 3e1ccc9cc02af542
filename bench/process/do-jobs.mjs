/**
 * Does what the runner says, one job after another; ends when the runner does.
 *
 * @param {import('./child.mjs').Jobs} jobs
 */
export function doJobs(jobs) {
  process.on('disconnect', () => process.exit())
  process.on('SIGINT', () => {}) // the runner ends it
  const run = async (/** @type {{ id: number, job: string, options: unknown }} */ { id, job, options }) => {
    try {
      process.send?.({ id, value: await jobs[job]?.(options) })
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }
  process.on('message', (/** @type {Parameters<typeof run>[0]} */ message) => void run(message))
}

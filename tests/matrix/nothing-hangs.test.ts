import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { expectDocumented, expectReported, expectSession } from './expectations.ts'
import { rows } from './rows.ts'
import { Hanging, onStage, type Subject, type SubjectName, subjects } from './stage.ts'

// {everything of which an answer is awaited} × {everything that can become of it}: each settles, once, as documented
// (CA-2, CA-5, CA-6, CA-7, CA-8, CA-9), and nothing is left of it on either end.

failOnUnhandledRejections()

const columns = Object.entries(subjects) as readonly (readonly [SubjectName, Subject])[]

describe.each(rows)('$title', (row) => {
  test.each(columns.filter(([name]) => typeof row.fates[name] === 'string'))('%s', async (name, subject) => {
    const hanging = new Hanging(row.late)
    await onStage(hanging, async (stage) => {
      const sessionId = stage.session.id
      const fate = await row.run(stage, subject, hanging)
      expect(fate.name).toBe(row.fates[name])
      expectDocumented(fate)
      expectReported(stage, row, name, fate)
      await expectSession(stage, row, sessionId)
    })
  })
})

const absent = rows.flatMap(({ title, fates }) =>
  columns.flatMap(([name]) => {
    const fate = fates[name]
    return typeof fate === 'string' ? [] : [{ title, name, reason: fate.reason }]
  }),
)

test.each(absent)('$title, $name: cannot exist, $reason', ({ reason }) => expect(reason).not.toBe(''))

import { errorCodes, TypewireError } from '@typewire/core'
import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import type { Row } from './rows.ts'
import { type Fate, secret, type Stage, type SubjectName, subjects } from './stage.ts'

/** The code is one of the list, and says what a call needs to know. */
export function expectDocumented({ error }: Fate): void {
  if (!error) return
  expect(errorCodes).toHaveProperty(error.code)
  expect(error.message).not.toContain(secret)
  if (error.code === 'SESSION_LOST') expect(error.outcome).toBe('unknown')
}

/** What went wrong at the handler's side is told there, with the incident that the other side was given. */
export function expectReported({ lab, client }: Stage, { reported }: Row, name: SubjectName, { error }: Fate): void {
  const isHandledByClient = subjects[name].asker === 'server'
  if (reported === 'what was thrown') {
    expect(error?.incident).toMatch(/^[\da-f-]{32,36}$/)
    expect(error?.message).toContain(error?.incident)
    const thrown = expect.objectContaining({ message: secret }) as unknown
    if (isHandledByClient) {
      expect(client.errors).toEqual([thrown])
      expect(lab.errors).toEqual([])
    } else {
      expect(lab.errors).toEqual([{ error: thrown, info: expect.objectContaining({ incident: error?.incident }) }])
      expect(client.errors).toEqual([])
    }
  } else if (reported === 'what was answered wrongly' && error?.code === 'INTERNAL') {
    expect(lab.errors).toHaveLength(1)
    const [{ error: whole, info }] = lab.errors as [(typeof lab.errors)[number]]
    expect(whole).toBeInstanceOf(TypewireError)
    expect(whole).toMatchObject({ code: 'INVALID_OUTPUT', issues: expect.any(Array) })
    expect(info.incident).toBe(error.incident)
  } else {
    expect(lab.errors).toEqual([])
    expect(client.errors).toEqual([])
  }
}

/** The session goes on, or another has followed, or there is none. */
export async function expectSession({ lab, client, hall }: Stage, { session }: Row, before: string): Promise<void> {
  if (session === 'ends') {
    await eventually(() => [...lab.server.sessions].length === 0, 'the session is over')
    return
  }
  expect(await client.call.echo('still here')).toBe('still here')
  await eventually(() => hall.status.current.state === 'joined', 'the client is in its room')
  const { id } = lab.session()
  if (session === 'follows') expect(id).not.toBe(before)
  else expect(id).toBe(before)
}

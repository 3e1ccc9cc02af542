// @vitest-environment happy-dom
// Who is in a room, and what several components of one page say there.

import { skip, usePresence, useRoom, useStore } from '@typewire/react'
import { act } from 'react'
import { expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { eventually, render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

type TestClient = ReturnType<Awaited<ReturnType<typeof startStage>>['client']>
type Seen = ReturnType<typeof usePresence<{ mood: string } | undefined>>

const moodsOf = ({ members }: Seen) =>
  members.flatMap(({ entries }) => entries.map(({ data }) => String(data?.mood))).join()

test('usePresence of a kind and params joins the room, in the membership that others of the page have', async () => {
  const { client, joins, members } = await startStage()
  const one = client()
  function Moods({ id }: { readonly id: string | undefined }) {
    return moodsOf(usePresence(one.join.chat, id === undefined ? skip : { id }, { presence: { mood: 'fine' } }))
  }
  function Room() {
    useRoom(one.join.chat, { id: 'a' }, { presence: { mood: 'fine' } })
    return null
  }
  const page = await render(<Moods id={undefined} />)
  expect(page.text()).toBe('')
  expect(one.status.current.state).toBe('idle')
  await page.rerender([<Moods key="moods" id="a" />, <Room key="room" />])
  await untilShown(page, 'fine')
  expect(joins).toEqual(['a'])
  expect(await members('a')).toBe(1)
  await page.rerender([<Room key="room" />])
  await eventually(async () => (await members('a')) === 1, 'the other one keeps it')
  await page.rerender([<Moods key="moods" id="b" />])
  expect(page.text()).toBe('')
  await untilShown(page, 'fine')
  await eventually(async () => (await members('a')) === 0, 'the first room is left')
})

test('usePresence of a handle joins and leaves nothing', async () => {
  const { client, members } = await startStage()
  const handle = client().join.chat({ id: 'a' }, { presence: { mood: 'calm' } })
  function Moods() {
    return moodsOf(usePresence(handle))
  }
  const page = await render(<Moods />)
  await untilShown(page, 'calm')
  await page.unmount()
  await handle.setPresence({ mood: 'still there' })
  expect(await members('a')).toBe(1)
})

test('of several components in one room the word of the one that was mounted last counts, until it has gone', async () => {
  const { client } = await startStage()
  const one = client()
  function Mood({ mood }: { readonly mood: string }) {
    const room = useRoom(one.join.chat, { id: 'a' }, { presence: { mood } })
    return <>{moodsOf(usePresence(room))};</>
  }
  const page = await render([<Mood key="1" mood="fine" />])
  await untilShown(page, 'fine;')
  await page.rerender([<Mood key="1" mood="fine" />, <Mood key="2" mood="busy" />])
  await untilShown(page, 'busy;busy;')
  await page.rerender([<Mood key="1" mood="another, which is read when it joins" />, <Mood key="2" mood="busy" />])
  await page.rerender([<Mood key="1" mood="fine" />])
  await untilShown(page, 'fine;')
})

test('what is sent into a room of a client that is closed says so', async () => {
  const { client } = await startStage()
  const one = client()
  let send = () => {}
  function Room({ app }: { readonly app: TestClient }) {
    const room = useRoom(app.join.chat, { id: 'a' })
    send = () => room.emit.say({ text: 'x' })
    return useStore(room.status).state
  }
  const page = await render(<Room app={one} />)
  await untilShown(page, 'joined')
  await act(() => one.close())
  await untilShown(page, 'left')
  expect(send).toThrow(expect.objectContaining({ code: 'CLOSED' }))
})

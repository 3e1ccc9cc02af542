// @vitest-environment happy-dom
// A page never shows two states of one store, however it is rendered.

import { useStore } from '@typewire/react'
import type { Store } from '@typewire/core'
import { act, startTransition, useLayoutEffect, useState } from 'react'
import { expect, test } from 'vitest'
import { render } from './stage.tsx'

test('a store that changes while a page is rendered is shown in one state', async () => {
  let current = 'before'
  const listeners = new Set<() => void>()
  const store: Store<string> = {
    get current() {
      return current
    },
    subscribe(listener) {
      listeners.add(listener)
      return Object.assign(() => void listeners.delete(listener), { [Symbol.dispose]: () => {} })
    },
  }
  const seen: string[] = []
  const container = () => document.querySelector('p')?.textContent ?? ''
  let isToChange = true
  function Item({ index }: { index: number }) {
    const value = useStore(store)
    if (index === 25 && isToChange) {
      isToChange = false
      current = 'after' // in the midst of rendering, as a message may come in between
      for (const listener of listeners) listener()
    }
    return <i>{value} </i>
  }
  let show = () => {}
  function List() {
    const [isShown, setIsShown] = useState(false)
    show = () => startTransition(() => setIsShown(true))
    useLayoutEffect(() => void seen.push(container()))
    return <p>{isShown && Array.from({ length: 50 }, (_, index) => <Item key={index} index={index} />)}</p>
  }
  await render(<List />, { isStrict: false })
  await act(async () => show())
  expect(isToChange).toBe(false)
  const [first, ...shown] = seen
  expect(first).toBe('')
  expect(shown.length).toBeGreaterThan(0)
  for (const text of shown) expect(new Set(text.trim().split(' ')).size).toBe(1)
  expect(container()).toBe('after '.repeat(50))
})

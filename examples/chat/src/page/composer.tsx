import { type KeyboardEvent, type SubmitEvent, useEffect } from 'react'
import { limits } from '../limits.ts'
import type { OwnTyping } from './use-typing.ts'

/** From here on it is said how much room is left. */
const showLeftBelow = 200

interface ComposerProps {
  /** Of the room. */
  readonly name: string
  /** What was begun to be written. */
  readonly text: string
  readonly onText: (text: string) => void
  readonly typing: OwnTyping
  readonly onSend: (text: string) => void
}

/** Where one writes. */
export function Composer({ name, text, typing, onText, onSend }: ComposerProps) {
  useEffect(() => () => typing.stop(), [typing])
  const write = (next: string) => {
    onText(next)
    if (next.trim()) typing.type()
    else typing.stop()
  }
  const left = limits.text - text.trim().length

  const submit = (event: SubmitEvent | KeyboardEvent) => {
    event.preventDefault()
    if (text.trim() === '' || left < 0) return
    onSend(text.trim())
    write('')
    document.getElementById('text')?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter is its own.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event)
  }

  return (
    <form className="composer" noValidate data-length={left < showLeftBelow ? '' : undefined} onSubmit={submit}>
      <label htmlFor="text" className="sr-only">
        Message to {name}
      </label>
      <textarea
        id="text"
        value={text}
        rows={1}
        dir="auto"
        placeholder={`Write to ${name}`}
        enterKeyHint="send"
        autoComplete="off"
        aria-invalid={left < 0}
        aria-describedby="text-note text-hint"
        onChange={({ target }) => write(target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="primary">
        Send
      </button>
      <p className="under">
        <span id="text-note" className="error" role="alert">
          {left < 0 && 'Too long to be sent.'}
        </span>
        <span id="text-hint" className="hint">
          {hintOf(left)}
        </span>
      </p>
    </form>
  )
}

function hintOf(left: number): string {
  if (left < 0) return `${-left} of ${limits.text.toLocaleString()} characters too many`
  if (left < showLeftBelow) return `${left} characters left`
  return 'Enter sends, Shift+Enter begins a new line'
}

/** On a touch screen this would slide the keyboard over what one came to read. */
export function focusComposer(): void {
  if (matchMedia('(pointer: fine)').matches) document.getElementById('text')?.focus()
}

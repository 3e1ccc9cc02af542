import type { ClientStatus } from '@typewire/client'
import { type SubmitEvent, useEffect, useRef, useState } from 'react'
import { limits } from '../limits.ts'
import { Brand } from './brand.tsx'
import { ConnectionNews } from './connection.tsx'

interface SignInProps {
  readonly name: string
  /** Why one is here again. */
  readonly why: string
  /** While it connects. */
  readonly connection?: ClientStatus
  readonly onName?: (name: string) => void
}

/** The page before one has a name. */
export function SignIn({ name, why, connection, onName }: SignInProps) {
  const [error, setError] = useState(why)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    document.title = 'Typewire chat'
    input.current?.focus()
    input.current?.select()
  }, [])

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const given = input.current!.value.trim()
    const wrong = whatIsWrong(given)
    setError(wrong)
    if (wrong === '') onName?.(given)
    else input.current!.focus()
  }

  return (
    <main className="sign-in">
      <form className="card" noValidate onSubmit={submit}>
        <Brand />
        <h1>What shall people call you?</h1>
        <div className="field">
          <label htmlFor="name">Name</label>
          <div className="field-row">
            <input
              ref={input}
              id="name"
              name="name"
              defaultValue={name}
              autoComplete="nickname"
              autoCapitalize="words"
              spellCheck={false}
              aria-invalid={error !== ''}
              aria-describedby="name-error"
            />
            <button type="submit" className="primary" disabled={connection !== undefined}>
              {connection ? 'Connecting …' : 'Come in'}
            </button>
          </div>
          <p id="name-error" className="error" role="alert">
            {error}
          </p>
          <p className="hint" role="status">
            {connection && <ConnectionNews connection={connection} />}
          </p>
        </div>
        <p className="hint">No account, no password. Whoever is here sees your name.</p>
      </form>
    </main>
  )
}

/** The server asks the same; here the answer comes at once. */
function whatIsWrong(name: string): string {
  if (name === '') return 'Give a name, any you like.'
  const over = name.length - limits.personName
  if (over > 0) return `A name has at most ${limits.personName} characters: this one has ${over} too many.`
  return ''
}

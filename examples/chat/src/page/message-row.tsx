import type { Client, ErrorOf } from '@typewire/client'
import type { CallAttempt } from '@typewire/react'
import { memo, useState } from 'react'
import type { Chat, Person } from '../contract.ts'
import { formatTime, secondsUntil } from './format.ts'
import { Disc } from './people.tsx'
import { useNow } from './use-now.ts'

type SendError = ErrorOf<Client<Chat>['call']['send']>
/** A message that is being sent, or was not. */
export type Attempt = CallAttempt<{ readonly id: string; readonly roomId: string; readonly text: string }, SendError>

interface MessageRowProps {
  readonly author: Person
  readonly text: string
  readonly isYou: boolean
  /** Said in one breath with what stands above. */
  readonly isContinued: boolean
  /** `undefined` while it is on its way. */
  readonly sentAt?: Date
  readonly attempt?: Attempt
  readonly isConnected?: boolean
  readonly onHandled?: () => void
}

/** A message, from when it is written: in the same place, and the same element, once the server has it. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { author, text, isYou, isContinued, sentAt, attempt, isConnected = true, onHandled = () => {} } = props
  const isOnItsWay = attempt?.status === 'pending' && isConnected
  const stage = isOnItsWay && <span className="stage">Sending …</span>
  const classes = ['message', isYou && 'own', attempt && 'outgoing', attempt?.status, isContinued && 'continued']
  return (
    <li className={classes.filter(Boolean).join(' ')}>
      <Disc person={author} isYou={isYou} />
      <div className="body">
        <p className="byline">
          <bdi className="author">{author.name}</bdi>{' '}
          {sentAt && <time dateTime={sentAt.toISOString()}>{formatTime(sentAt)}</time>}
          {!isContinued && stage}
        </p>
        {isContinued && stage}
        <p className="text" dir="auto">
          {text}
        </p>
        {attempt?.status === 'pending' && !isConnected && <Waiting attempt={attempt} onHandled={onHandled} />}
        {attempt?.error && <Failure attempt={attempt} error={attempt.error} onHandled={onHandled} />}
      </div>
    </li>
  )
})

function Waiting({ attempt, onHandled }: { attempt: Attempt; onHandled: () => void }) {
  return (
    <p className="note">
      <span>Waiting for the connection …</span>
      <LinkButton text="Discard" onPress={[attempt.cancel, onHandled]} />
    </p>
  )
}

/** Why it was not sent, and what one can do about it. */
function Failure({ attempt, error, onHandled }: { attempt: Attempt; error: SendError; onHandled: () => void }) {
  const [retryAtMs] = useState(() => (error.code === 'TOO_FAST' ? Date.now() + error.data.retryAfterMs : 0))
  const [isHeldBack, setHeldBack] = useState(retryAtMs > 0)
  const now = useNow(isHeldBack)
  if (isHeldBack && now >= retryAtMs) setHeldBack(false)
  return (
    <p className="note">
      <span className="error">Not sent. {describe(error)}</span>
      <span className="choices">
        <LinkButton
          text={isHeldBack ? `Again in ${secondsUntil(retryAtMs, now)} s` : 'Send again'}
          isDisabled={isHeldBack}
          onPress={[attempt.retry, onHandled]}
        />
        <LinkButton text="Discard" onPress={[attempt.dismiss, onHandled]} />
      </span>
    </p>
  )
}

interface LinkButtonProps {
  readonly text: string
  readonly isDisabled?: boolean
  readonly onPress: readonly (() => void)[]
}

function LinkButton({ text, isDisabled = false, onPress }: LinkButtonProps) {
  return (
    <button type="button" className="link" disabled={isDisabled} onClick={() => onPress.forEach((press) => press())}>
      {text}
    </button>
  )
}

function describe(error: SendError): string {
  switch (error.code) {
    case 'TOO_FAST':
      return 'That was too fast.'
    case 'NO_SUCH_ROOM':
      return 'This room is gone.'
    case 'TIMED_OUT':
      return 'There was no answer in time.'
    default:
      return error.message
  }
}

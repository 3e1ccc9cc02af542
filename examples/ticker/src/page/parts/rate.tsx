import { useCall } from '@typewire/react'
import type { TickerClient } from '../app.tsx'
import { formatCount } from '../model/format.ts'
import type { GaugeReading } from '../model/gauge.ts'

const rates = [250, 1_000, 4_000]

export interface RateProps {
  readonly client: TickerClient
  /** What the server told last. */
  readonly told: GaugeReading | undefined
  readonly isConnected: boolean
}

/** How many prices per second the market makes. It is the same market for everybody. */
export function Rate({ client, told, isConnected }: RateProps) {
  const { run, attempts, data, error } = useCall(client.call.setRate)
  const asked = attempts.filter(({ status }) => status === 'pending').at(-1)?.input.rate
  const current = data && data.at >= (told?.at ?? 0) ? data.rate : told?.rate
  const isWaiting = asked !== undefined && !isConnected
  return (
    <fieldset className="card rate">
      <legend className="sr-only">Prices per second</legend>
      <span aria-hidden="true">Prices per second</span>
      <div className="rates" data-waiting={isWaiting}>
        {rates.map((each) => (
          <label key={each}>
            {/* What was asked is shown before the server has it. */}
            <input
              type="radio"
              name="rate"
              checked={(asked ?? current) === each}
              onChange={() => void run({ rate: each })}
            />
            <span>{formatCount(each)}</span>
          </label>
        ))}
      </div>
      <p className="waiting" role="status">
        {isWaiting && 'Not set yet: it waits for the connection.'}
      </p>
      {error && (
        <p role="alert" className="error">
          {error.message}
        </p>
      )}
    </fieldset>
  )
}

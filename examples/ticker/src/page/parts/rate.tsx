import { useCall } from '@typewire/react'
import type { TickerClient } from '../app.tsx'
import { formatCount } from '../model/format.ts'
import type { GaugeReading } from '../model/gauge.ts'

const rates = [250, 1_000, 4_000]

export interface RateProps {
  readonly client: TickerClient
  readonly figures: GaugeReading | undefined
}

/** How many prices per second the market makes. It is the same market for everybody. */
export function Rate({ client, figures }: RateProps) {
  const { run, attempts, data, error } = useCall(client.call.setRate)
  const asked = attempts.filter(({ status }) => status === 'pending').at(-1)
  const told = data && data.at >= (figures?.at ?? 0) ? data.rate : figures?.rate
  // What was asked is shown before the server has it.
  const wanted = asked?.input.rate ?? told
  return (
    <fieldset className="card rate">
      <legend className="sr-only">Prices per second</legend>
      <span aria-hidden="true">Prices per second</span>
      <div className="rates">
        {rates.map((each) => (
          <label key={each}>
            <input type="radio" name="rate" checked={wanted === each} onChange={() => void run({ rate: each })} />
            <span>{formatCount(each)}</span>
          </label>
        ))}
      </div>
      {error && (
        <p role="alert" className="error">
          {error.message}
        </p>
      )}
    </fieldset>
  )
}

import { type CSSProperties, useEffect, useState } from 'react'
import { keepBusy } from '../model/busy.ts'
import { formatCount } from '../model/format.ts'
import type { GaugeReading } from '../model/gauge.ts'

/** The switch that makes this page slow, and what becomes of the prices. */
export function Slowness({ figures }: { readonly figures: GaugeReading | undefined }) {
  const [isSlow, setSlow] = useState(false)
  useEffect(() => (isSlow ? keepBusy() : undefined), [isSlow])
  const { madePerSecond = 0, conflatedPerSecond = 0, conflated } = figures ?? {}
  const part = madePerSecond > 0 ? Math.min(1, conflatedPerSecond / madePerSecond) : 0
  return (
    <section className="card slowness" aria-labelledby="slow-label" data-slow={isSlow}>
      <div className="slowness-head">
        <button
          type="button"
          role="switch"
          className="switch"
          aria-checked={isSlow}
          aria-labelledby="slow-label"
          aria-describedby="slow-text"
          onClick={() => setSlow(!isSlow)}
        >
          <span className="switch-knob" aria-hidden="true" />
        </button>
        <h2 id="slow-label">Slow client</h2>
        <p className="total">
          <span className="number" data-figure="conflated-in-all">
            {formatCount(conflated)}
          </span>{' '}
          replaced
        </p>
      </div>
      <p id="slow-text" className="explained">
        {isSlow
          ? 'This page now stands still for 0.9\u00a0s of each second. The server does not pile up what it has no time to read: of each symbol only the newest price waits. So fewer prices come, and the newest always do.'
          : 'This page reads prices as fast as your machine lets it. Switch this on, and the page stands still for 0.9\u00a0s of each second: see what becomes of the prices that it has no time to read.'}
      </p>
      <div className="bar" aria-hidden="true" style={{ '--part': part } as CSSProperties}>
        <span className="bar-replaced" />
      </div>
      <p className="legend" aria-hidden="true">
        <span className="legend-received">received</span>
        <span className="legend-replaced">replaced before it was sent</span>
      </p>
    </section>
  )
}

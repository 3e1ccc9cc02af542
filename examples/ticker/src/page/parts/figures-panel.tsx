import { formatCount } from '../model/format.ts'
import type { GaugeReading } from '../model/gauge.ts'

interface FigureProps {
  readonly name: string
  readonly value: number | undefined
  readonly id: string
}

function Figure({ name, value, id }: FigureProps) {
  return (
    <div className="figure" data-figure={id}>
      <dt>{name}</dt>
      <dd className="number">{formatCount(value)}</dd>
    </div>
  )
}

/** What was made, what came of it, and how fresh that is. */
export function FiguresPanel({ figures }: { readonly figures: GaugeReading | undefined }) {
  return (
    <section className="figures-panel" aria-label="Figures">
      <dl className="figures">
        <Figure id="made" name="Made per second" value={figures?.madePerSecond} />
        <Figure id="received" name="Received per second" value={figures?.receivedPerSecond} />
        <Figure id="conflated" name="Replaced per second" value={figures?.conflatedPerSecond} />
        <Figure id="age" name="Age of the newest, ms" value={figures?.ageMs} />
        <Figure id="renders" name="Renders per second" value={figures?.rendersPerSecond} />
      </dl>
    </section>
  )
}

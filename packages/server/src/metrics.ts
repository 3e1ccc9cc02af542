// `@typewire/server/metrics`: who does not import it pays nothing for it.
export { createMetrics, type Measured, type Metrics } from './observability/metrics.ts'

// Reads Prometheus' text exposition format, version 0.0.4, and refuses what its grammar does not have:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details

export interface ParsedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface ParsedMetric {
  readonly help: string
  readonly type: string
  readonly samples: readonly ParsedSample[]
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const comment = /^# (HELP|TYPE) (\S+) (.+)$/
const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y

/** All metrics, by name. @throws Error for a line that is none of the format. */
export function parseExposition(text: string): ReadonlyMap<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('The last line must end with a line feed.')
  const metrics = new Map<string, { help: string; type: string; samples: ParsedSample[] }>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, about = '', rest = ''] = comment.exec(line) ?? []
    if (keyword === 'HELP') {
      if (!metricName.test(about) || metrics.has(about)) throw new Error(`Not one group: ${line}`)
      metrics.set(about, { help: rest, type: '', samples: [] })
      current = about
    } else if (keyword === 'TYPE') {
      if (about !== current || !/^(counter|gauge|histogram)$/.test(rest)) throw new Error(`Not a type: ${line}`)
      metrics.get(current)!.type = rest
    } else {
      const parsed = parseSample(line)
      const { type, samples } = metrics.get(current)!
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      if (!suffixes.some((suffix) => parsed.name === current + suffix)) throw new Error(`Not of ${current}: ${line}`)
      samples.push(parsed)
    }
  }
  return metrics
}

function parseSample(line: string): ParsedSample {
  const [, name, labelsText = '', value = ''] = sample.exec(line) ?? []
  if (name === undefined || Number.isNaN(Number(value))) throw new Error(`Not a sample: ${line}`)
  const labels: Record<string, string> = {}
  label.lastIndex = 0
  while (label.lastIndex < labelsText.length) {
    const [, key = '', escaped] = label.exec(labelsText) ?? []
    if (escaped === undefined || key in labels) throw new Error(`Not labels: ${line}`)
    labels[key] = escaped.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character))
  }
  return { name, labels, value: Number(value) }
}

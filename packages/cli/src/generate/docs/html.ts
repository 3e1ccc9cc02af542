/** Text of HTML: what stands in it as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Part = Html | string | number | false | undefined | readonly Part[]

/** HTML, in which all that is put in is text, and can be no markup, unless it is `Html` itself. */
export function html(markup: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(markup.map((text, at) => text + (at < parts.length ? written(parts[at]) : '')).join(''))
}

export const nothing = new Html('')

export function join(parts: readonly Part[], between: string): Html {
  return new Html(parts.map(written).join(between))
}

function written(part: Part): string {
  if (part === undefined || part === false) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(written).join('')
  return String(part).replaceAll(/[&<>"']/g, (sign) => escapes[sign]!)
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Words for people, as paragraphs; `code` between backticks is shown as such. */
export function prose(text: string): Html {
  const paragraphs = text.trim().split(/\n\s*\n/)
  return html`${paragraphs.map((paragraph) => html`<p>${withCode(paragraph)}</p>`)}`
}

export function withCode(text: string): Html {
  return html`${text.split(/`([^`\n]+)`/).map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

/** Where a place is on the page. Ids have no blanks. */
export const idOf = (place: string) => place.replaceAll(/[\s%]/g, encodeURIComponent)
export const hrefOf = (place: string) => `#${encodeURIComponent(idOf(place))}`

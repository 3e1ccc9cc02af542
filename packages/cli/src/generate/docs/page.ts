import type { ContractSnapshot, NamespaceSnapshot } from '@typewire/core/snapshot'
import type { Made } from '../generator.ts'
import { type At, badgeMeanings, type Entry, errorEntry, type Section, sectionsOf, typeEntry } from './entries.ts'
import { hrefOf, Html, html, idOf } from './html.ts'
import { Schemas } from './schemas.ts'
import { script } from './script.ts'
import { style } from './style.ts'

/** A contract as one page of HTML that needs nothing else. */
export function pageOf(snapshot: ContractSnapshot, made: Made, title: string): string {
  const schemas = new Schemas(snapshot)
  const sections = [
    ...allSections(snapshot, { place: '', path: '', client: 'client', rootAuth: snapshot.auth }, schemas),
    sectionOf(
      'types',
      'Types',
      'Types that have a name.',
      [...schemas.definitions].map(([name, schema]) => typeEntry(name, schema, schemas)),
    ),
    sectionOf(
      'errors',
      'Errors',
      'Codes that the contract declares. Any call may also fail with a code of Typewire itself.',
      errorEntries(snapshot),
    ),
  ].filter(({ entries }) => entries.length > 0)
  return html`<!doctype html>
    <!--
${made.header.map((line) => `  ${line.replaceAll('--', '- -')}\n`)}-->
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
        />
        <link rel="icon" href="data:," />
        <title>${title}</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <h1>${title}</h1>
          <p>${summaryOf(sections)}</p>
          <p>
            Contract <strong>${snapshot.name ?? 'without a name'}</strong>, fingerprint
            <code>${snapshot.fingerprint}</code>
          </p>
        </header>
        <div class="columns">
          <div class="side">
            <form role="search" id="search" hidden>
              <label for="query">Search</label>
              <input
                id="query"
                type="search"
                autocomplete="off"
                spellcheck="false"
                aria-describedby="found"
                placeholder="Name, property …"
                aria-keyshortcuts="/"
              />
              <p id="found" role="status">Press <kbd>/</kbd> to search</p>
            </form>
            <nav aria-label="Contents">${sections.map(navigationOf)}</nav>
          </div>
          <main id="main">
            <p id="none" hidden>Nothing matches.</p>
            ${sections.map(
              ({ id, title: heading, intro, entries }) =>
                html`<section id="${idOf(id === 'auth' || id.endsWith('.auth') ? `${id}.section` : id)}">
                  <h2>${heading}</h2>
                  ${intro !== '' && html`<p class="intro">${intro}</p>`} ${entries.map((entry) => entry.html)}
                </section> `,
            )}
            <section id="legend">
              <h2>What the marks mean</h2>
              <dl>
                ${Object.entries(badgeMeanings).map(
                  ([name, meaning]) =>
                    html`<dt><span class="badge">${name}</span></dt>
                      <dd>${meaning}</dd>`,
                )}
              </dl>
              <p>
                An event without a mark is reliable: it waits for a client that does not keep up. On the wire each line
                is a frame, <code>→</code> is from the client, and the last element of a frame may say what JSON does
                not: that a text is a <code>Date</code>.
              </p>
            </section>
          </main>
        </div>
        <footer><p>${made.header[0]}</p></footer>
        <script>
          ${new Html(script)}
        </script>
      </body>
    </html> `.text
}

function allSections(namespace: NamespaceSnapshot, at: At, schemas: Schemas): readonly Section[] {
  const inner = Object.entries(namespace.namespaces ?? {}).flatMap(([name, one]) =>
    allSections(
      one,
      {
        place: `${at.place}namespaces.${name}.`,
        path: `${at.path}${name}/`,
        client: `${at.client}.ns.${name}`,
        rootAuth: at.rootAuth,
      },
      schemas,
    ),
  )
  return [...sectionsOf(namespace, at, schemas), ...inner]
}

const sectionOf = (id: string, title: string, intro: string, entries: readonly Entry[]): Section => ({
  id,
  title,
  intro,
  entries,
})

function errorEntries(snapshot: ContractSnapshot): readonly Entry[] {
  const places = new Map<string, string[]>()
  const gather = (namespace: NamespaceSnapshot, at: string): void => {
    for (const kind of ['procedures', 'streams'] as const) {
      for (const [name, { errors = {} }] of Object.entries(namespace[kind] ?? {}))
        for (const code of Object.keys(errors)) places.set(code, [...(places.get(code) ?? []), `${at}${kind}.${name}`])
    }
    for (const [name, inner] of Object.entries(namespace.namespaces ?? {})) gather(inner, `${at}namespaces.${name}.`)
  }
  gather(snapshot, '')
  return [...places].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, from]) => errorEntry(code, from))
}

function navigationOf({ title, entries }: Section): Html {
  return html`<details open>
    <summary>${title} <small>${entries.length}</small></summary>
    <ul>
      ${entries.map(
        ({ place, name, isDeprecated }) =>
          html`<li>
            <a href="${hrefOf(place)}" ${isDeprecated && new Html(' class="gone"')}
              >${name}${place.includes('.events.') && place.includes('rooms.') && html` <small>${place.includes('.toServer.') ? 'to server' : 'to members'}</small>`}</a
            >
          </li> `,
      )}
    </ul>
  </details> `
}

function summaryOf(sections: readonly Section[]): string {
  const counts = new Map<string, number>()
  for (const { id, entries } of sections) {
    const kind = id.split('.').find((part) => part in nouns)
    const own = kind === 'rooms' ? entries.filter(({ place }) => !place.includes('.events.')) : entries
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + own.length)
  }
  return [...counts]
    .map(([kind, count]) => `${count} ${count === 1 ? nouns[kind]!.slice(0, -1) : nouns[kind]}`)
    .join(' · ')
}

const nouns: Readonly<Record<string, string>> = {
  procedures: 'procedures',
  streams: 'streams',
  events: 'events',
  rooms: 'rooms',
  types: 'types',
  errors: 'errors',
}

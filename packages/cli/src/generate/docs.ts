import { pageOf } from './docs/page.ts'
import type { Generator } from './generator.ts'

export interface DocsOptions {
  readonly title?: string
}

/** A contract as a page to read. */
export const docs: Generator<DocsOptions> = {
  name: 'docs',
  summary: 'one page of HTML to read and search',
  description:
    'One page of HTML that needs nothing else: all that a contract says, with types, errors, examples, and what travels. It can be ' +
    'searched, linked to (#procedures.send), printed, and read without JavaScript.',
  out: 'contract.html',
  addOptions: (command) =>
    void command
      .option('--title <text>', "the page's title, if not the contract's name")
      .addHelpText(
        'after',
        '\nExamples:\n  typewire generate docs src/contract.ts\n  typewire generate docs typewire.json --out public/api.html --title "Chat API"',
      ),
  generate: (snapshot, made, options) => ({
    [made.out]: pageOf(snapshot, made, options.title ?? snapshot.name ?? 'contract'),
  }),
}

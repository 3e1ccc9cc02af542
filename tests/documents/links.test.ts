import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { documents, readDocument, root, withoutCode } from './documents.ts'

describe.each(documents())('%s', (document) => {
  test('links to what exists', () => {
    const broken = linksOf(document).filter((link) => !leadsSomewhere(document, link))
    expect(broken).toEqual([])
  })

  test('names no path of the machine that it was written on', () => {
    const paths = readDocument(document).match(
      /(?<![\w.~-])(\/(work|home|root|tmp|Users|var|opt|mnt)\/[\w.-]+|[A-Z]:\\\w+|file:\/\/)/g,
    )
    expect(paths ?? []).toEqual([])
  })
})

/** Links and images of a document that lead into the repository. */
function linksOf(document: string): string[] {
  const text = withoutCode(readDocument(document)).replaceAll(/`[^`\n]*`/g, '')
  const inline = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(([, target = '']) => target)
  const references = [...text.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)].map(([, target = '']) => target)
  return [...inline, ...references].filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target))
}

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : join(dirname(document), decodeURIComponent(path)).replaceAll('\\', '/')
  if (!existsSync(join(root, target))) return false
  if (anchor === undefined) return true
  return target.endsWith('.md') && statSync(join(root, target)).isFile() && anchorsOf(target).has(anchor)
}

/** The anchors of headings, as GitHub makes them. */
function anchorsOf(document: string): Set<string> {
  const headings = [...withoutCode(readDocument(document)).matchAll(/^#+\s+(.*?)\s*$/gm)]
  return new Set(
    headings.map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

import { expect, test } from 'vitest'
import { splitLine } from './split-line.ts'

test.each([
  ['typewire call ', ['typewire', 'call', '']],
  ['typewire  ca', ['typewire', 'ca']],
  [`a '{ "b": 1 }' c`, ['a', '{ "b": 1 }', 'c']],
  ['a "b \\" c', ['a', 'b " c']],
  ['a b\\ c', ['a', 'b c']],
  ["a ''", ['a', '']],
])('splitLine %j', (line, words) => {
  expect(splitLine(line)).toEqual(words)
})

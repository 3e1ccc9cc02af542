import { expect, test } from 'vitest'
import { pascalCase, TypeNames } from './names.ts'

test('TypeNames gives who asks later a number', () => {
  const names = new TypeNames()
  const claimed = [names.claim('send', 'input'), names.claim('Send', 'input'), names.claim('sendInput')]
  expect(claimed).toEqual(['SendInput', 'SendInput2', 'SendInput3'])
})

test('a definition keeps its name when another is added that is converted to it', () => {
  const names = new TypeNames().claimAll(['a-b', 'AB', 'Map', 'MapType', 'ab', 'Ab2'])
  expect(Object.fromEntries(names)).toEqual({
    'a-b': 'AB2',
    AB: 'AB',
    ab: 'Ab',
    Ab2: 'Ab2',
    Map: 'MapType2',
    MapType: 'MapType',
  })
})

test('TypeNames leaves the types of the platform what they are', () => {
  const names = new TypeNames()
  expect([names.claim('date'), names.claim('Map'), names.claim('Map')]).toEqual(['DateType', 'MapType', 'MapType2'])
})

test.each([
  [['a/b'], 'AB'],
  [['chat room', 'params'], 'ChatRoomParams'],
  [['snake_case'], 'Snake_case'],
  [['1st'], 'T1st'],
  [['—'], 'T'],
])('pascalCase writes %j as %s', (parts, name) => expect(pascalCase(parts)).toBe(name))

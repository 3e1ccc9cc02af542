// Where Typewire is loaded from: what was built, as users have it, or its sources, so that the test needs no build.

/** @typedef {{ nodeOptions: readonly string[], conditions: readonly string[] }} Loading */

/** @type {Loading} */
export const asBuilt = { nodeOptions: [], conditions: [] }

const source = '@typewire/source'
/** @type {Loading} */
export const fromSource = { nodeOptions: ['--import', 'tsx', `--conditions=${source}`], conditions: [source] }

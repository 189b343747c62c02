// The file that people read is what was evaluated.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { FILE, permissions } from './permissions.mjs'

it('docs/PERMISSIONS.md has the verdicts of today; `make permissions` renews it', async () => {
  assert.equal(await readFile(FILE, 'utf8'), await permissions())
})

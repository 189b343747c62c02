// The file that people read has the verdicts of the evaluator.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { permissions } from './permissions.mjs'

it('docs/PERMISSIONS.md is up to date (`make permissions` renews it)', async () => {
  const { written, expected } = await permissions()
  assert.equal(written, expected)
})

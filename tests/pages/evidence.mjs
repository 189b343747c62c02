// The page of a record, from thirty simulated days.

import { execFileSync } from 'node:child_process'

const ROOT = new URL('../..', import.meta.url)
const COMMAND = ['run', '--quiet', '--locked', '--example', 'evidence_sample']

/** The page, with these variables. */
export const evidencePage = (variables = {}) =>
  execFileSync('cargo', COMMAND, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
    maxBuffer: 2 ** 26,
  })

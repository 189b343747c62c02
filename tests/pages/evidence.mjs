// The page of a record, from thirty simulated days, and that of a plan.

import { execFileSync } from 'node:child_process'

const ROOT = new URL('../..', import.meta.url)
const COMMAND = ['run', '--quiet', '--locked', '--example']

const page = (example, variables) =>
  execFileSync('cargo', [...COMMAND, example], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
    maxBuffer: 2 ** 26,
  })

/** The page of a record, with these variables. */
export const evidencePage = (variables = {}) => page('evidence_sample', variables)

/** The page of a plan, with these variables. */
export const planPage = (variables = {}) => page('plan_sample', variables)

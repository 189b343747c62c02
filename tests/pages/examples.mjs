// What the examples of the core print: mails and pages, made by the code.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TARGET = process.env.CARGO_TARGET_DIR ?? `${ROOT}target`
// Of the whole workspace, so that cargo takes the dependencies as the other tests need them.
const BUILD = ['build', '--quiet', '--locked', '--workspace', '--example']

/** What an example prints, with these variables. */
export function example(name, variables = {}) {
  execFileSync('cargo', [...BUILD, name], { cwd: ROOT, stdio: 'inherit' })
  const env = { ...process.env, ...variables }
  return execFileSync(`${TARGET}/debug/examples/${name}`, [], { encoding: 'utf8', env, maxBuffer: 2 ** 26 })
}

/** The page of a record, from thirty simulated days. */
export const evidencePage = (variables) => example('evidence_sample', variables)

/** The page of a plan. */
export const planPage = (variables) => example('plan_sample', variables)

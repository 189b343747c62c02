// Goes through the tables: each row, for each role, on each resource and with each context that it stands for.

import { ask } from './stack.mjs'
import { TARGETS } from './targets.mjs'

/** The verdicts of a row for a role, with the calls that they are about. */
export async function verdicts(deployment, role, row) {
  const found = []
  for (const call of callsOf(deployment, role, row)) {
    found.push({ call, verdict: await ask(deployment, role, call) })
  }
  return found
}

/** The calls that a row stands for. */
export function callsOf(deployment, role, { action, target, context }) {
  const contexts = [typeof context === 'function' ? context(deployment) : (context ?? {})].flat()
  const resources = [TARGETS[target](deployment, role)].flat()
  return resources.flatMap((resource) => contexts.map((one) => ({ action, resource, context: one })))
}

/** The one verdict of a row for a role. Where its calls differ, the row says too little, and this throws. */
export async function verdictOf(deployment, role, row) {
  const all = [...new Set((await verdicts(deployment, role, row)).map(({ verdict }) => verdict))]
  if (all.length !== 1) throw new Error(`${role}: \`${row.action}\` on ${row.target} gets ${all.join(' and ')}`)
  return all[0]
}

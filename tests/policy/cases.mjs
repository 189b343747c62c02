// Cases: a request, the policies that decide about it, and the verdict that it should get.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mutants } from './mutants.mjs'
import { evaluate } from './simulate.mjs'

/** The first case whose verdict is not the expected one. `Denied` stands for both ways of being denied. */
export async function firstWrong(cases) {
  for (const { policies, request, expected } of cases) {
    const verdict = await evaluate(policies, request)
    if (expected === 'Denied' ? verdict === 'Allowed' : verdict !== expected) {
      const { principal, action, resource, context } = request
      return `${verdict}: ${principal} calls ${action} on ${resource} with ${JSON.stringify(context)}`
    }
  }
  return undefined
}

/** Declares a test that all of the cases get their verdicts. */
export function checks(title, cases) {
  it(title, async () => {
    assert.ok(cases.length > 0)
    assert.equal(await firstWrong(cases), undefined)
  })
}

/**
 * Declares a test for each way to spoil a policy: one of the cases has to notice, or `idle` has to say why nothing
 * changes. This is the proof that the cases can fail.
 */
export function checksThatMutantsAreNoticed(title, policy, cases, { idle = {}, ...kinds } = {}) {
  const touched = scattered(cases.filter(({ policies }) => uses(policies, policy)))
  describe(`cases notice when ${title}`, () => {
    for (const { change, mutant, concerns } of mutants(policy, kinds)) {
      const why = idle[`${title} ${change}`] ?? idle[change]
      it(why ? `not when it ${change}: ${why}` : change, async () => {
        const spoiled = spoil(touched, concerns, policy, mutant)
        assert.equal((await firstWrong(spoiled)) === undefined, why !== undefined, 'every case still gets its verdict')
      })
    }
  })
}

/** The cases that could notice, under the mutant; one after the other, since mostly one of the first notices. */
function* spoil(cases, concerns, policy, mutant) {
  for (const one of cases) {
    if (concerns(one.request)) yield { ...one, policies: replaced(one.policies, policy, mutant) }
  }
}

const uses = (policies, policy) => Object.values(policies).flat().includes(policy)

const replaced = (policies, policy, mutant) =>
  Object.fromEntries(
    Object.entries(policies).map(([kind, documents]) => {
      const swap = (one) => (one === policy ? mutant : one)
      return [kind, Array.isArray(documents) ? documents.map(swap) : swap(documents)]
    }),
  )

/** The same cases with neighbours far apart. A change mostly shows in neighbours, so this finds one sooner. */
function scattered(cases) {
  // A prime larger than the number of cases, so that its multiples reach every place once.
  const stride = 1_000_003
  return cases.map((_, index) => cases[(index * stride) % cases.length])
}

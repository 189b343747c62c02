// What the service control policy allows and denies, call by call, to each caller.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RIGHTS, callersOf } from './control-callers.mjs'
import { controlCases, requestsOf } from './control-requests.mjs'
import { text, verdictUnderControl } from './simulate.mjs'

const document = JSON.parse(await text('protect-quarantine.scp.json'))
const callers = callersOf('mfa-enforcer')

for (const right of [...RIGHTS, 'none']) {
  const sentence = right === 'none' ? 'everybody may' : `those alone who may ${right} may`
  describe(sentence, () => {
    for (const request of requestsOf('mfa-enforcer').filter((one) => one.right === right)) {
      it(request.title, async () => {
        for (const one of controlCases(callers, [request])) {
          assert.equal(await verdictUnderControl(document, one), one.expected, `${one.caller.title}, on ${one.resource}`)
        }
      })
    }
  })
}

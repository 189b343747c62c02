// What each quarantine document allows and denies, request by request.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SESSIONS } from './callers.mjs'
import { casesOf } from './expectations.mjs'
import { ENROLMENT, EVERYTHING_ELSE } from './requests.mjs'
import { SCOPES, quarantine, verdict } from './simulate.mjs'

for (const scope of SCOPES) {
  const document = await quarantine(scope)

  for (const session of SESSIONS) {
    const check = (sentence, request) =>
      it(sentence, async () => {
        for (const one of casesOf(scope, session, request)) {
          assert.equal(await verdict(document, one), one.expected, `${one.caller.title}, on ${one.resource}`)
        }
      })

    describe(`under the ${scope} scope, ${session.title}`, () => {
      for (const request of ENROLMENT) {
        check(`may ${request.title}, by the quarantine alone`, request)
      }
      for (const request of EVERYTHING_ELSE) {
        const sentence = session.bites[scope]
          ? `may not ${request.title}, even as an administrator`
          : `may ${request.title} if another policy allows it, and only then`
        check(sentence, request)
      }
    })
  }
}

// Every case there is, with the verdict that a correct document gives.

import { CALLERS, SESSIONS } from './callers.mjs'
import { ENROLMENT, EVERYTHING_ELSE } from './requests.mjs'

/** The cases of one request in one kind of session: each caller on each resource. */
export function casesOf(scope, session, request) {
  return CALLERS.flatMap((caller) =>
    [request.on(caller)].flat().map((resource) => ({
      caller,
      session,
      request,
      resource,
      expected: expected(session.bites[scope], caller, ENROLMENT.includes(request)),
    })),
  )
}

/** All cases of a scope. */
export function allCases(scope) {
  return SESSIONS.flatMap((session) =>
    [...ENROLMENT, ...EVERYTHING_ELSE].flatMap((request) => casesOf(scope, session, request)),
  )
}

function expected(bites, caller, isEnrolment) {
  if (isEnrolment) return 'Allowed'
  if (bites) return 'ExplicitlyDenied'
  return caller.administrator ? 'Allowed' : 'ImplicitlyDenied'
}

// Who calls, and in what kind of session.

import { ACCOUNT } from './simulate.mjs'

function user({ name, path, partition }) {
  return { name, path, partition, arn: `arn:${partition}:iam::${ACCOUNT}:user${path}${name}` }
}

// Names and paths with every sign that IAM lets into them and that a pattern could trip over.
const USERS = [
  { name: 'alice', path: '/', partition: 'aws' },
  { name: 'lee.o+ops=1,2@example.com', path: '/engineering/eu/', partition: 'aws' },
  { name: 'wei', path: '/', partition: 'aws-cn' },
  { name: 'sam_j', path: '/engineering/eu/', partition: 'aws-us-gov' },
].map(user)

/**
 * Every user twice: with the quarantine alone, and as an administrator.
 *
 * What the first may do, the quarantine itself grants; what the second may not do, the quarantine itself
 * forbids.
 */
export const CALLERS = USERS.flatMap((one) => [
  { ...one, administrator: false, title: `${one.arn} with the quarantine alone` },
  { ...one, administrator: true, title: `${one.arn} who is an administrator` },
])

/** ARNs of users who are not the caller, though some of them look much like the caller. */
export function others(me) {
  return [
    { ...me, name: 'mallory', path: '/' },
    { ...me, name: 'mallory' },
    { ...me, name: 'mallory', path: `/${me.name}/` },
    { ...me, name: `x${me.name}` },
    { ...me, name: `${me.name}x` },
  ].map((other) => user(other).arn)
}

/** The sessions that differ for the policy, and whether it bites in them, by scope. */
export const SESSIONS = [
  {
    // The same goes for the temporary credentials that GetSessionToken gives out without a code.
    title: 'a session without MFA',
    context: { 'aws:MultiFactorAuthPresent': 'false' },
    bites: { console: true, everything: true },
  },
  {
    title: 'a session with MFA',
    context: { 'aws:MultiFactorAuthPresent': 'true' },
    bites: { console: false, everything: false },
  },
  {
    // AWS leaves the key out of a request that a long-term access key has signed.
    title: 'a long-term access key',
    context: {},
    bites: { console: false, everything: true },
  },
]

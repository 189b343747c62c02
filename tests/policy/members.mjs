// The accounts of an organization and their hub, as the evaluator needs them.

import { readTable, requestsOf } from './tables.mjs'
import { callByRole, run, shared, text } from './stacks.mjs'

/** The roles that the hub's functions assume in each account. */
export const MEMBER_ROLES = ['contain', 'release', 'review', 'guard']
/** The functions in the hub that may assume each of them. */
export const ASSUMED_BY = {
  contain: ['sign-in', 'user-lifecycle', 'mfa-device', 'sweep'],
  release: ['user-lifecycle', 'mfa-device', 'sweep'],
  review: ['sweep'],
  guard: ['guard', 'sweep'],
}

/** Members in several partitions. */
export const MEMBERS = (await run('tests.stack.members')).map((member) => ({
  ...member,
  roles: shared(member.roles),
  arns: {
    ...member.arns,
    ...Object.fromEntries(Object.entries(member.elsewhere.arns).map(([id, arn]) => [`${id}Elsewhere`, arn])),
    HubBus: member.hub.bus,
  },
}))

const { calls, escalations } = await readTable('member')
export const CALLS = calls.map(({ by, ...row }) => ({ ...row, by: by.split(' ').filter(Boolean) }))
export const ESCALATIONS = escalations.map((row) => ({ ...row, by: [] }))

/** Whether a role of a member may make a call. Some it may only if releases have to be approved. */
export const may = (member, role, row) => row.by.includes(role) && (!row.release || row.release === member.release)

/** A call by a function of the hub, or by somebody else there, on a role of a member. */
export function assumption(member, role, { caller = member.hub.roles['sign-in'], action = 'sts:AssumeRole', ...more }) {
  const { organization = member.organization } = more
  const [, , , , account, path] = caller.split(':')
  const name = path.split('/').pop()
  return {
    // Whoever calls may assume anything, so that the trust alone decides.
    policies: {
      identity: [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }] }],
      resource: member.roles[role].trust,
    },
    request: {
      principal: /^role\//.test(path) ? `arn:${member.partition}:sts::${account}:assumed-role/${name}/event` : caller,
      account,
      action,
      resource: member.roles[role].arn,
      context: { 'aws:PrincipalArn': caller, ...(organization && { 'aws:PrincipalOrgID': organization }) },
    },
  }
}

/** A call by a role of a member in a session with this policy. */
export function callInSession(member, role, session, request) {
  const call = callByRole(member, role, request)
  return { ...call, policies: { ...call.policies, session } }
}

/** The sessions that the core opens in accounts, with the calls of each. */
export const CONTRACT_OF_SESSIONS = JSON.parse(await text('contract/sessions-in-members.json'))

export const userOf = (member, path, name) => `arn:${member.partition}:iam::${member.account}:user${path}${name}`

export const isAboutAnyUser = ({ target }) => target === 'any user'

/** The requests of a row, on these users if it is about users. */
export const requestsAbout = (member, row, role, users) =>
  isAboutAnyUser(row)
    ? users.flatMap((arn) => requestsOf({ ...row, target: arn }, member, role))
    : requestsOf(row, member, role)

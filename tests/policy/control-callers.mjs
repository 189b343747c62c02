// Who calls in an account under the service control policy, and which of its three rights each should have.

import { ACCOUNT } from './simulate.mjs'

/** What the policy keeps for a few: to lift a quarantine, to exempt from it, to change the enforcer. */
export const RIGHTS = ['lift', 'exempt', 'change']

const NONE = []
const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov']

function role(name, rights, { path = '/', session = 'session', partition = 'aws' } = {}) {
  return {
    title: `the role ${path.slice(1)}${name}, session ${session}, in ${partition}`,
    partition,
    rights,
    // AWS leaves the path out of a session's ARN, and the session out of the ARN that policies compare.
    arn: `arn:${partition}:sts::${ACCOUNT}:assumed-role/${name}/${session}`,
    principalArn: `arn:${partition}:iam::${ACCOUNT}:role${path}${name}`,
  }
}

function identity(kind, name, { service = 'iam' } = {}) {
  const arn = `arn:aws:${service}::${ACCOUNT}:${name}`
  return { title: kind, partition: 'aws', rights: NONE, arn, principalArn: arn }
}

/** Roles of a stack of this name, of the people around it, and everybody who only looks like one of them. */
export function callersOf(stack) {
  return [
    ...PARTITIONS.flatMap((partition) => [
      role(`${stack}-sweep`, ['lift'], { partition }),
      role(`${stack}-forward-exec`, ['lift', 'change'], { partition }),
      role(`${stack}-deploy`, ['lift', 'change'], { partition }),
      role(`${stack}-exemptions`, ['lift', 'exempt'], { partition }),
      role('break-glass', RIGHTS, { partition }),
      role('administrators', NONE, { partition }),
    ]),
    ...['sign-in', 'user-lifecycle', 'mfa-device'].map((one) => role(`${stack}-${one}`, ['lift'])),

    // Other administrators.
    role('OrganizationAccountAccessRole', NONE),
    role('stacksets-exec-0123456789abcdef', NONE, { session: 'AWSCloudFormation' }),
    role('AWSReservedSSO_AdministratorAccess_0123456789abcdef', NONE, {
      path: '/aws-reserved/sso.amazonaws.com/',
      session: 'alice',
    }),
    identity('the root user', 'root'),
    identity('a user', 'user/alice'),

    // Look-alikes.
    role('developers', NONE, { session: `${stack}-sweep` }),
    role('developers', NONE, { session: 'break-glass' }),
    ...['sweep', 'deploy', 'forward-exec', 'exemptions'].map((one) => role(`my-${stack}-${one}`, NONE)),
    role(stack, NONE),
    role(`${stack}x-sweep`, NONE),
    role(`${stack}-sweep`.toUpperCase(), NONE),
    role(`${stack}-sweep`, NONE, { path: '/team/' }),
    role('break-glass', NONE, { path: '/team/' }),
    role('break-glass-readers', NONE),
    role('not-break-glass', NONE),
    // They match the pattern of the stack's own roles, and no other.
    ...['deployers', 'forward-executor', 'exemptions-readers'].map((one) => role(`${stack}-${one}`, ['lift'])),
    identity('a user named like a role of the stack', `user/${stack}-sweep`),
    identity('a user whose path looks like a role of the stack', `user/role/${stack}-sweep`),
    identity('a user whose path hides a role of the stack', `user/x:role/${stack}-sweep/alice`),
    identity('a user whose path hides the role for emergencies', 'user/x:role/break-glass'),
    identity('a user named like the role for emergencies', 'user/break-glass'),
    identity('a federated user named like a role of the stack', `federated-user/${stack}-sweep`, { service: 'sts' }),
  ]
}

// What the service control policy allows and denies, call by call, to each caller.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checks, checksThatMutantsAreNoticed, firstWrong } from './cases.mjs'
import { EVERYTHING } from './simulate.mjs'
import { CONTRACT, ROOT, STACKS, policyFile, text } from './stacks.mjs'
import { readTable, requestsOf } from './tables.mjs'

const FILE = 'protect-quarantine.scp.json'
const NAME = 'mfa-enforcer'
/** The requests, by the right that a caller needs: `lift`, `exempt`, `change`, or none. */
const REQUESTS = Object.entries(await readTable('control')).flatMap(([right, rows]) =>
  rows.map((row) => ({ ...row, right })),
)
// AWS Organizations counts white space too, unless its console saves the policy.
const QUOTA = 5120

const policy = await policyFile(FILE)
const [stack] = STACKS

/** The stack with another name, in each partition. */
function variants(name) {
  return ['aws', 'aws-cn', 'aws-us-gov'].map((partition) => {
    const json = JSON.stringify(stack).replaceAll(NAME, name).replaceAll('arn:aws:', `arn:${partition}:`)
    return { ...JSON.parse(json), partition }
  })
}

const CALLERS = await readTable('callers')

/** The rights of a caller and two ARNs: its own, and the one that policies compare. */
function callerIn({ partition, account, stack }, row) {
  const filled = (text) => text.replaceAll('<stack>', stack).replaceAll('<STACK>', stack.toUpperCase())
  const [kind, name] = filled(row.principal).split(' ')
  const arn = (service, rest) => `arn:${partition}:${service}::${account}:${rest}`
  const rights = row.rights.split(' ')
  if (kind !== 'role') return { rights, principal: arn(kind, name), compared: arn(kind, name) }
  // AWS leaves the path out of a session's ARN, and the session out of the ARN that policies compare.
  const session = arn('sts', `assumed-role/${name}/${filled(row.session) || 'session'}`)
  return { rights, principal: session, compared: arn('iam', `role/${row.path}${name}`) }
}

/** A function that gives the cases of a row, under a policy for a stack with this name. */
function control(policy, name) {
  const [first, ...more] = variants(name)
  const casesIn = (where, row, callers) =>
    callers.flatMap((caller) => {
      const { rights, principal, compared } = callerIn(where, caller)
      return requestsOf(row, where).map(({ action, resource, context }) => ({
        policies: { identity: [EVERYTHING], controls: [EVERYTHING, policy] },
        request: {
          ...{ principal, account: where.account, action, resource },
          // The evaluator does not derive it. For a session it is the role's own ARN.
          context: { 'aws:PrincipalArn': compared, ...context },
        },
        expected: row.right === 'none' || rights.includes(row.right) ? 'Allowed' : 'ExplicitlyDenied',
      }))
    })
  // What everyone may needs no look-alikes: the policy does not tell them from an administrator. Here it is root.
  const others = ({ right }) => (right === 'none' ? CALLERS.others.slice(0, 1) : CALLERS.others)
  return (row) => [
    ...casesIn(first, row, [...CALLERS.spared, ...others(row)]),
    ...more.flatMap((where) => casesIn(where, row, CALLERS.spared)),
  ]
}

const casesOf = control(policy, NAME)
const all = []
for (const right of ['lift', 'exempt', 'change', 'none']) {
  describe(right === 'none' ? 'everyone may' : `only those who may ${right} may`, () => {
    for (const row of REQUESTS.filter((one) => one.right === right)) {
      const cases = casesOf(row)
      all.push(...cases)
      checks(`${row.title} (${row.action}, ${row.target})`, cases)
    }
  })
}

checksThatMutantsAreNoticed('the service control policy', policy, all, {
  replacements: [
    ['arn:*:', 'arn:aws:'],
    [/(mfa-enforcer|break-glass)(?!:)/, '*$1'],
    [/(role\/[a-z-]+[a-z])$/, '$1*'],
  ],
  additions: {
    'aws:PrincipalArn': [
      'arn:*:iam::*:role/*',
      'arn:*:iam::*:role/administrators',
      'arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*',
      'arn:*:iam::*:role/OrganizationAccountAccessRole',
      'arn:*:iam::*:role/stacksets-exec-*',
      'arn:*:iam::*:root',
      'arn:*:iam::*:user/*',
      'arn:*:iam::*:user/mfa-enforcer-*',
      'arn:*:sts::*:federated-user/*',
    ],
  },
})

describe('the service control policy', () => {
  it('fits its quota as it stands', async () => {
    const size = Buffer.byteLength(await text(`policies/${FILE}`))
    assert.ok(size <= QUOTA, `${size} of ${QUOTA}`)
  })

  it('knows every tag of a user that the code knows', () => {
    const known = policy.Statement.flatMap(
      (one) => one.Condition['ForAnyValue:StringEqualsIgnoreCase']?.['aws:TagKeys'] ?? [],
    )
    const ours = CONTRACT.tags.filter(({ on, key }) => on === 'user' && key.startsWith('mfa-enforcer:'))
    assert.ok(ours.length >= 4)
    assert.deepEqual(known.sort(), ours.map(({ key }) => key).sort())
  })

  it('lets nobody else make, change or pass a role that it spares', async () => {
    const roles = new Set(policy.Statement.flatMap((one) => one.Condition.ArnNotLike['aws:PrincipalArn']))
    assert.ok(roles.size >= 4)
    const named = (name) => [...roles].map((arn) => arn.replace('*:iam::*', 'aws:iam::111122223333').replace('*', name))
    const target = [...named('anything'), ...named('a/path/and-a-name')].join(' ')
    const actions = ['CreateRole', 'UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'PassRole']
    const cases = actions.flatMap((action) => casesOf({ action: `iam:${action}`, target, right: 'change' }))
    const ofAdministrator = cases.filter(({ request }) => request.principal.includes('/administrators/'))
    assert.equal(await firstWrong(ofAdministrator), undefined)
  })

  it('is renamed for another stack by the command in the guide', async () => {
    const [command] = (await text('policies/README.md')).match(/^sed .*(?=> )/m)
    assert.ok(command.includes(FILE))
    const renamed = JSON.parse(execFileSync('sh', ['-c', command], { cwd: fileURLToPath(ROOT), encoding: 'utf8' }))
    const [name] = command.match(/(?<=\/)[a-z-]+(?=\\1\/g)/)
    assert.notEqual(name, NAME)
    assert.equal(await firstWrong(REQUESTS.flatMap(control(renamed, name))), undefined)
    assert.ok(await firstWrong(REQUESTS.flatMap(control(policy, name))))
  })
})

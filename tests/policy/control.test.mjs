// What the service control policy allows and denies, call by call, to each caller.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checks, checksThatMutantsAreNoticed, firstWrong } from './cases.mjs'
import { EVERYTHING, evaluate } from './simulate.mjs'
import { CONTRACT, ROOT, STACKS, policyFile, text } from './stacks.mjs'
import { readTable, requestsOf } from './tables.mjs'

const FILE = 'protect-quarantine.scp.json'
const NAME = 'mfa-enforcer'
/** The requests, by the right that a caller needs: `lift`, `exempt`, `restore`, `change`, or none. */
const REQUESTS = Object.entries(await readTable('control')).flatMap(([right, rows]) =>
  rows.map((row) => ({ ...row, right })),
)
// AWS Organizations counts white space too, unless its console saves the policy.
const QUOTA = 10240

const policy = await policyFile(FILE)
const [stack] = STACKS

const PARTITIONS = ['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc']

/** The stack with another name or other paths, in each partition. */
function variants({ name = NAME, rolePath = '', breakGlassPath = '/break-glass/', partitions = PARTITIONS } = {}) {
  return partitions.map((partition) => {
    const json = JSON.stringify(stack).replaceAll(NAME, name).replaceAll('arn:aws:', `arn:${partition}:`)
    return { ...JSON.parse(json), partition, rolePath, breakGlassPath }
  })
}

const CALLERS = await readTable('callers')

/** The rights of a caller and two ARNs: its own, and the one that policies compare. */
function callerIn({ partition, account, stack, rolePath }, row) {
  const filled = (text) =>
    text.replaceAll('<stack>', stack).replaceAll('<STACK>', stack.toUpperCase()).replaceAll('<rolePath>', rolePath)
  const [kind, name] = filled(row.principal).split(' ')
  const arn = (service, rest) => `arn:${partition}:${service}::${account}:${rest}`
  const rights = row.rights.split(' ')
  if (kind !== 'role') return { rights, principal: arn(kind, name), compared: arn(kind, name) }
  // AWS leaves the path out of a session's ARN, and the session out of the ARN that policies compare.
  const session = arn('sts', `assumed-role/${name}/${filled(row.session) || 'session'}`)
  return { rights, principal: session, compared: arn('iam', `role/${filled(row.path)}${name}`) }
}

/** A function that gives the cases of a row, under a policy for such a stack. */
function control(policy, names) {
  const [first, ...more] = variants(names)
  const casesIn = (where, row, callers, requests = requestsOf(row, where)) =>
    callers.flatMap((caller) => {
      const { rights, principal, compared } = callerIn(where, caller)
      return requests.map(({ action, resource, context }) => ({
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
    ...casesIn(first, row, CALLERS.spared),
    ...casesIn(first, row, others(row), requestsOf(row, first).slice(0, 1)),
    ...more.flatMap((where) => casesIn(where, row, CALLERS.spared)),
  ]
}

const casesOf = control(policy)
const all = []
for (const right of ['lift', 'exempt', 'restore', 'change', 'none']) {
  describe(right === 'none' ? 'everyone may' : `only those who may ${right} may`, () => {
    for (const row of REQUESTS.filter((one) => one.right === right)) {
      const cases = casesOf(row)
      all.push(...cases)
      checks(`${row.title} (${row.action}, ${row.target})`, cases)
    }
  })
}

checksThatMutantsAreNoticed('the service control policy', policy, all, {
  idle: {
    'adds lambda:* in Action of OnlyDeployersChangeWhatStartsFunctions':
      'no other action of these requests says which function is meant',
  },
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
    assert.deepEqual([...new Set(known)].sort(), ours.map(({ key }) => key).sort())
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

  it('is what `make scp` writes for a stack with its defaults', async () => {
    assert.equal(written(), await text(`policies/${FILE}`))
  })
})

/** What `make scp` prints. */
function written(...options) {
  const how = { cwd: fileURLToPath(ROOT), encoding: 'utf8', stdio: 'pipe' }
  return execFileSync('python3', ['-m', 'deploy.scp', ...options], how)
}

describe('the service control policy for', () => {
  const names = {
    name: 'corp-mfa',
    rolePath: 'security/eu/',
    breakGlassPath: '/emergency/admins/',
    partitions: ['aws'],
  }

  it('another name and other paths protects that stack, and no other', async () => {
    const paths = ['--role-path', '/security/eu/', '--break-glass-path', '/emergency/admins/']
    const other = JSON.parse(written('--stack', 'corp-mfa', ...paths))
    assert.equal(await firstWrong(REQUESTS.flatMap(control(other, names))), undefined)
    assert.ok(await firstWrong(REQUESTS.flatMap(control(policy, names))))
  })

  it('a role path spares no role of that name without the path', async () => {
    const other = JSON.parse(written('--role-path', '/security/'))
    const [where] = variants({ rolePath: 'security/' })
    const request = { ...callOf(where, 'mfa-enforcer-sweep'), action: 'iam:RemoveUserFromGroup' }
    const policies = { identity: [EVERYTHING], controls: [EVERYTHING, other] }
    const resource = where.arns.QuarantineGroup
    assert.equal(await evaluate(policies, { ...request, resource }), 'ExplicitlyDenied')
    const own = { ...callOf(where, 'security/mfa-enforcer-sweep'), action: 'iam:RemoveUserFromGroup' }
    assert.equal(await evaluate(policies, { ...own, resource }), 'Allowed')
  })

  it('other roles spares these, and lets nobody else make them', async () => {
    const exempting = 'aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_MfaExemptions_0123456789abcdef'
    const roles = ['--exemption-roles', 'aws-reserved/sso.amazonaws.com/*AWSReservedSSO_MfaExemptions_*']
    roles.push('--deployment-roles', 'cicd/deploy', 'stacksets-exec-*', '--break-glass-roles', 'emergency/glass')
    const other = JSON.parse(written(...roles))
    const [where] = variants()
    const rights = {
      [exempting]: ['lift', 'exempt'],
      'cicd/deploy': ['lift', 'restore', 'change'],
      'stacksets-exec-0123456789abcdef': ['lift', 'restore', 'change'],
      'emergency/glass': ['lift', 'exempt', 'restore', 'change'],
      'mfa-enforcer-sweep': ['lift', 'restore'],
      // These match the pattern of the stack's own roles, and no other any more.
      'mfa-enforcer-exemptions': ['lift'],
      'mfa-enforcer-deploy': ['lift'],
      'break-glass': [],
      'cicd/deploy-docs': [],
    }
    // Identity Center alone makes roles below its path.
    const made = Object.keys(rights).filter((name) => rights[name].length > 0 && name !== exempting)
    const making = {
      action: 'iam:CreateRole',
      target: made.map((name) => `iam::role/${name}`).join(' '),
      right: 'change',
    }
    const cases = Object.entries(rights).flatMap(([name, own]) =>
      [...REQUESTS, making].flatMap((row) =>
        requestsOf(row, where).map(({ context, ...request }) => ({
          policies: { identity: [EVERYTHING], controls: [EVERYTHING, other] },
          request: { ...callOf(where, name, context), ...request },
          expected: row.right === 'none' || own.includes(row.right) ? 'Allowed' : 'ExplicitlyDenied',
        })),
      ),
    )
    // `break-glass` is a role like any other here.
    const known = cases.filter(({ request }) => !/:role\/(break-glass)$/.test(request.resource))
    assert.equal(await firstWrong(known), undefined)
  })

  it('former policies and groups of another name protects them, too', async () => {
    const former = ['--former-policies', 'arn:aws:iam::111122223333:policy/team/old-Console-1X', 'old-Everything-1Y']
    const other = JSON.parse(written(...former, '--former-groups', 'old-quarantine'))
    const rows = [
      {
        action: 'iam:DetachUserPolicy',
        target: 'alice',
        context: 'policy iam::policy/team/old-Console-1X',
        right: 'lift',
      },
      {
        action: 'iam:DetachUserPolicy',
        target: 'alice',
        context: 'policy iam::policy/old-Everything-1Y',
        right: 'lift',
      },
      { action: 'iam:RemoveUserFromGroup', target: 'iam::group/old-quarantine', right: 'lift' },
      { action: 'iam:DetachGroupPolicy', target: 'iam::group/old-quarantine', right: 'change' },
      { action: 'iam:CreatePolicyVersion', target: 'iam::policy/team/old-Console-1X', right: 'change' },
    ]
    const here = { partitions: ['aws'] }
    assert.equal(await firstWrong(rows.flatMap(control(other, here))), undefined)
    for (const row of rows) assert.ok(await firstWrong(control(policy, here)(row)))
  })

  it('exempt names keeps others from taking these names, wherever the user is', async () => {
    const other = JSON.parse(written('--exempt-users', 'robot', 'a,b'))
    const users = ['iam::user/robot', 'iam::user/team/eu/robot', 'iam::user/a,b']
    const rows = [
      { action: 'iam:UpdateUser', target: users.join(' '), right: 'exempt' },
      { action: 'iam:CreateUser', target: users.join(' '), right: 'exempt' },
      { action: 'iam:UpdateUser', target: 'iam::user/robots iam::user/robot/x iam::user/my-robot', right: 'none' },
    ]
    const here = { partitions: ['aws'] }
    assert.equal(await firstWrong(rows.flatMap(control(other, here))), undefined)
    assert.ok(await firstWrong(control(policy, here)(rows[0])))
  })

  for (const { title, stack, roles, arns } of STACKS) {
    it(`the stack ${title} covers everything that has a name`, () => {
      const [, rolePath] = roles.sweep.arn.match(/:role(\/(?:.*\/)?)[^/]+$/)
      const { Statement } = JSON.parse(written('--stack', stack, '--role-path', rolePath))
      const { Resource } = Statement.find(({ Sid }) => Sid === 'OnlyDeployersChangeEnforcer')
      const patterns = Resource.map((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`))
      // The key of the alerts has no name.
      const named = Object.values(arns).filter((arn) => !/:kms:/.test(arn))
      assert.deepEqual(
        named.filter((arn) => !patterns.some((pattern) => pattern.test(arn))),
        [],
      )
    })
  }

  it('names that cannot be is not written', () => {
    for (const options of [
      ['--stack', 'a b'],
      ['--role-path', 'security'],
      ['--break-glass-path', '/'],
      ['--exemption-roles', '*'],
      ['--former-groups', '*'],
    ]) {
      assert.throws(() => written(...options), /is not possible here/)
    }
  })

  it('names of 9,000 characters is refused', () => {
    const paths = Array.from({ length: 100 }, (_, index) => `/partner-${index}/${'x'.repeat(60)}/`)
    assert.throws(() => written('--exempt-paths', ...paths), /AWS takes 10240/)
  })
})

/** A call by a session of a role. */
function callOf({ partition, account }, role, context = {}) {
  const name = role.split('/').pop()
  const compared = `arn:${partition}:iam::${account}:role/${role}`
  return {
    principal: `arn:${partition}:sts::${account}:assumed-role/${name}/session`,
    account,
    context: { 'aws:PrincipalArn': compared, ...context },
  }
}

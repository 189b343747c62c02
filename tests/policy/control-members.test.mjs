// What the service control policy for the accounts of an organization allows and denies, to each caller.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checks, checksThatMutantsAreNoticed, firstWrong } from './cases.mjs'
import { MEMBERS } from './members.mjs'
import { EVERYTHING } from './simulate.mjs'
import { ROOT, policyFile, text } from './stacks.mjs'
import { readTable, requestsOf } from './tables.mjs'

const FILE = 'protect-members.scp.json'
// What AWS Organizations takes, and what it took for years. Its console counts no white space.
const QUOTA = 10240
const FORMER_QUOTA = 5120

const policy = await policyFile(FILE)
const [plain] = MEMBERS
const chinese = MEMBERS.find(({ partition }) => partition === 'aws-cn')
const REQUESTS = Object.entries(await readTable('control-members')).flatMap(([right, rows]) =>
  rows.map((row) => ({ ...row, right })),
)
const { callers } = await readTable('callers-in-members')

/** A caller in an account: the ARN that policies compare, and the one that calls. */
function callerIn({ partition, account, name }, { principal, rights }) {
  const path = principal.replaceAll('<name>', name)
  const compared = `arn:${partition}:iam::${account}:${path}`
  const session = `arn:${partition}:sts::${account}:assumed-role/${path.split('/').pop()}/session`
  return { compared, calling: path.startsWith('role/') ? session : compared, rights: rights.split(' ') }
}

/** The cases of a row in an account, for each caller, under a policy. */
function casesOf(row, member = plain, control = policy) {
  // What everyone may, an administrator may.
  const calling =
    row.right === 'none' ? callers.filter(({ principal }) => principal === 'role/administrators') : callers
  return requestsOf(row, member).flatMap(({ action, resource, context }) =>
    calling
      .map((caller) => callerIn(member, caller))
      .map(({ compared, calling, rights }) => ({
        policies: { identity: [EVERYTHING], controls: [EVERYTHING, control] },
        request: {
          ...{ principal: calling, account: member.account, action, resource },
          context: { 'aws:PrincipalArn': compared, ...context },
        },
        expected: row.right === 'none' || rights.includes(row.right) ? 'Allowed' : 'ExplicitlyDenied',
      })),
  )
}

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

checksThatMutantsAreNoticed('the service control policy for members', policy, all, {
  replacements: [
    [/(mfa-enforcer|break-glass|stacksets)(?!:)/, '*$1'],
    [/(role\/[a-z-]+[a-z])$/, '$1*'],
    ['role/mfa-enforcer/mfa-enforcer-member-', 'role/mfa-enforcer/'],
  ],
  additions: {
    'aws:PrincipalArn': [
      'arn:*:iam::*:role/*',
      'arn:*:iam::*:role/administrators',
      'arn:*:iam::*:role/aws-reserved/sso.amazonaws.com/*',
      'arn:*:iam::*:role/OrganizationAccountAccessRole',
      'arn:*:iam::*:root',
      'arn:*:iam::*:user/*',
    ],
  },
})

/** What `make scp` prints. */
function written(...options) {
  const how = { cwd: fileURLToPath(ROOT), encoding: 'utf8', stdio: 'pipe' }
  return execFileSync('python3', ['-m', 'deploy.scp', '--members', ...options], how)
}

it('it fits its quota as it stands, and the former one without white space', async () => {
  assert.ok(Buffer.byteLength(await text(`policies/${FILE}`)) <= QUOTA)
  assert.ok(JSON.stringify(policy).length <= FORMER_QUOTA)
})

it('it is what is written for members with defaults', async () => {
  assert.equal(written(), await text(`policies/${FILE}`))
})

it('another name and path in another partition protects these members, and no other', async () => {
  const options = ['--stack', chinese.name, '--break-glass-path', chinese.breakGlassPath]
  const other = JSON.parse(written(...options))
  assert.equal(await firstWrong(REQUESTS.flatMap((row) => casesOf(row, chinese, other))), undefined)
  assert.ok(await firstWrong(REQUESTS.flatMap((row) => casesOf(row, chinese))))
})

for (const member of MEMBERS) {
  it(`the member ${member.title} has nothing with a name that is not covered`, () => {
    const { Statement } = JSON.parse(written('--stack', member.name))
    const { Resource } = Statement.find(({ Sid }) => Sid === 'OnlyDeployersChangeEnforcer')
    const patterns = Resource.map((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`))
    const named = Object.values(member.arns).filter((arn) => arn !== member.hub.bus)
    assert.ok(named.length > 30)
    assert.deepEqual(
      named.filter((arn) => !patterns.some((pattern) => pattern.test(arn))),
      [],
    )
  })
}

it('whoever is spared cannot be made by anybody else', async () => {
  const spared = new Set(policy.Statement.flatMap((one) => one.Condition.ArnNotLike['aws:PrincipalArn']))
  assert.ok(spared.size >= 4)
  const arns = [...spared].map((arn) => arn.replace('*:iam::*', `aws:iam::${plain.account}`))
  const target = arns.flatMap((arn) => ['any', 'a/path/and-a-name'].map((name) => arn.replace('*', name))).join(' ')
  const actions = ['CreateRole', 'UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'PassRole']
  const cases = actions.flatMap((action) => casesOf({ action: `iam:${action}`, target, right: 'change' }))
  assert.equal(await firstWrong(cases), undefined)
})

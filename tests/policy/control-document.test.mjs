// What holds for the service control policy as a document: its size, that no part is idle, that whom it spares
// cannot be made by others, and that it keeps to the names in code, template and guide.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { callersOf } from './control-callers.mjs'
import { controlMutants } from './control-mutants.mjs'
import { controlCases, requestsOf } from './control-requests.mjs'
import { noticed, scattered } from './scattered.mjs'
import { ACCOUNT, text, verdictUnderControl } from './simulate.mjs'

const FILE = 'protect-quarantine.scp.json'
const STACK = 'mfa-enforcer'
// AWS Organizations counts white space too, unless its console saves the policy.
const QUOTA = 5120

const ROOT = new URL('../../', import.meta.url)
const source = (path) => readFile(new URL(path, ROOT), 'utf8')

const document = JSON.parse(await text(FILE))
const cases = scattered(controlCases(callersOf(STACK), requestsOf(STACK)))

it('the document fits into a service control policy as it stands', async () => {
  const size = Buffer.byteLength(await text(FILE))
  assert.ok(size <= QUOTA, `${size} of ${QUOTA}`)
})

it('it denies and grants nothing', () => {
  assert.deepEqual([...new Set(document.Statement.map((one) => one.Effect))], ['Deny'])
})

it('nobody else can make, change or pass a role that it spares', async () => {
  const administrator = callersOf(STACK).find((one) => one.rights.length === 0)
  const spared = new Set(document.Statement.flatMap((one) => one.Condition.ArnNotLike['aws:PrincipalArn']))
  assert.ok(spared.size >= 4)
  for (const pattern of spared) {
    for (const filled of ['anything', 'a/path/and-a-name']) {
      const [, rest] = pattern.split('::*:')
      const resource = `arn:aws:iam::${ACCOUNT}:${rest.replace('*', filled)}`
      for (const action of ['CreateRole', 'UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'PassRole']) {
        const one = { caller: administrator, request: { action: `iam:${action}` }, resource }
        assert.equal(await verdictUnderControl(document, one), 'ExplicitlyDenied', `${action} on ${resource}`)
      }
    }
  }
})

it('it knows every tag of a user that the code knows', async () => {
  const code = await source('shared/core/src/mark.rs')
  const constants = [...code.matchAll(/\/\/\/ (.*)\npub const \w+: &str = "(mfa-enforcer:.*)"/g)]
  const ofUsers = constants.filter(([, what]) => !what.startsWith('Tag of the alerts topic')).map(([, , key]) => key)
  const conditions = document.Statement.map((one) => one.Condition['ForAnyValue:StringEqualsIgnoreCase'])
  const known = conditions.flatMap((one) => one?.['aws:TagKeys'] ?? [])
  assert.ok(ofUsers.length >= 4)
  assert.deepEqual(known.sort(), ofUsers.sort())
})

it('it knows the names that the template gives', async () => {
  const template = await source('template.yaml')
  for (const role of ['sign-in', 'user-lifecycle', 'mfa-device', 'sweep']) {
    assert.ok(template.includes(`RoleName: !Sub \${AWS::StackName}-${role}\n`), role)
  }
  // CloudFormation names these after the stack and their logical ids.
  for (const id of ['AlertsTopic', 'DeadLetters', 'ConsoleQuarantinePolicy', 'EverythingQuarantinePolicy', 'QuarantineGroup']) {
    assert.match(template, new RegExp(`^  ${id}:$`, 'm'))
  }
})

it('the command in the guide makes the document of a stack of another name', async () => {
  const [command] = (await source('policies/README.md')).match(/^sed .*(?=> )/m)
  assert.ok(command.includes(FILE))
  const renamed = JSON.parse(execFileSync('sh', ['-c', command], { cwd: fileURLToPath(ROOT), encoding: 'utf8' }))
  const [stack] = command.match(/(?<=\/)[a-z-]+(?=\\1\/g)/)
  assert.notEqual(stack, STACK)
  const others = scattered(controlCases(callersOf(stack), requestsOf(stack)))
  assert.equal(await noticed(renamed, others, verdictUnderControl), undefined)
  assert.ok(await noticed(document, others, verdictUnderControl))
})

// The proof that the tables can fail: each of these changes is noticed by at least one of their cases.
describe('the tables notice when the document', () => {
  for (const { change, mutant, concerns } of controlMutants(document, STACK)) {
    it(change, async () => {
      assert.ok(await noticed(mutant, cases.filter(concerns), verdictUnderControl), 'every case still has its verdict')
    })
  }
})

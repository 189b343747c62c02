// What a session for a decision about a user of another account may do there, as the core writes its policy.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { EVERYTHING } from './simulate.mjs'
import { text } from './stacks.mjs'

const ACCOUNT = '123456789012'
const SESSIONS = Object.assign({}, ...JSON.parse(await text('contract/sessions-of-decisions.json')))
const iam = (rest) => `arn:aws:iam::${ACCOUNT}:${rest}`
const here = (service, rest) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${rest}`
const QUARANTINE = iam('policy/mfa-enforcer/console/quarantine')
const BOB = ['user/bob', 'user/engineering/eu/bob'].map(iam)
const OTHERS = ['user/bobby', 'user/xbob', 'user/BOB', 'user/bob/alice'].map(iam)
const LOOKS = [
  'GetLoginProfile',
  'GetUser',
  'ListAccessKeys',
  'ListAttachedUserPolicies',
  'ListGroupsForUser',
  'ListMFADevices',
]
const EXEMPT = 'mfa-enforcer:exempt-until'
const QUARANTINED = 'mfa-enforcer:quarantined'

/** Calls on each of these resources. */
const calls = (actions, resources, context = {}) =>
  actions.flatMap((action) => resources.map((resource) => ({ action, resource, context })))
const tags = (...keys) => ({ 'aws:TagKeys': keys })
const attach = (policy, resources) => calls(['iam:AttachUserPolicy'], resources, { 'iam:PolicyARN': policy })
const looks = (resources) =>
  calls(
    LOOKS.map((name) => `iam:${name}`),
    resources,
  )
const source = (...sources) => ({ 'events:source': sources })
const BUS = ['arn:aws:events:eu-west-1:444455556666:event-bus/security']

const ITS_POLICY = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: iam('root') }, Action: 'events:PutEvents', Resource: BUS[0] }],
}

/** What each session does. */
const DONE = {
  stack: calls(['cloudformation:ListStackResources'], [here('cloudformation', 'stack/corp-mfa/1')]),
  function: calls(
    ['lambda:GetFunctionConfiguration'],
    [here('lambda', 'function:corp-mfa-SweepFunction-1ABCDEF2GHIJ')],
  ),
  bucket: [
    ...calls(
      ['s3:GetObject', 's3:GetObjectVersion'],
      ['settings.yaml', 'tree.json'].map((key) => `arn:aws:s3:::corp-evidence/organization/${key}`),
    ),
    ...calls(['s3:ListBucketVersions'], ['arn:aws:s3:::corp-evidence']),
  ],
  names: [...calls(['iam:GetUser'], [...BOB, ...OTHERS]), ...calls(['iam:ListGroups', 'iam:ListPolicies'], ['*'])],
  look: [...looks(BOB), ...calls(['cloudtrail:LookupEvents'], ['*'])],
  exempt: [...looks(BOB), ...calls(['iam:TagUser'], BOB, tags(EXEMPT))],
  contain: [
    ...looks(BOB),
    ...calls(['iam:TagUser'], BOB, tags(QUARANTINED)),
    ...attach(QUARANTINE, BOB),
    ...calls(['iam:AddUserToGroup'], [iam('group/mfa-enforcer/console/quarantine')]),
  ],
  entry: calls(['events:PutEvents'], BUS, source('mfa-enforcer')),
}

/** What none of them does. */
const NEVER = [
  ...looks(OTHERS).filter(({ action }) => action !== 'iam:GetUser'),
  ...calls(['iam:TagUser'], OTHERS, tags(EXEMPT)),
  ...calls(['iam:TagUser'], OTHERS, tags(QUARANTINED)),
  ...[tags('team'), tags(EXEMPT, 'team'), tags(QUARANTINED, 'team'), tags('mfa-enforcer:exempt-by'), {}].flatMap(
    (context) => calls(['iam:TagUser'], BOB, context),
  ),
  ...attach(QUARANTINE, OTHERS),
  ...[
    'policy/AdministratorAccess',
    'policy/mfa-enforcer/console/quarantine2',
    'policy/mfa-enforcer/strict-console/quarantine',
  ].flatMap((policy) => attach(iam(policy), BOB)),
  ...calls(['iam:DetachUserPolicy'], BOB, { 'iam:PolicyARN': QUARANTINE }),
  ...[EXEMPT, QUARANTINED].flatMap((key) => calls(['iam:UntagUser'], BOB, tags(key))),
  ...calls(['iam:CreateAccessKey', 'iam:DeleteLoginProfile'], BOB),
  ...calls(
    ['iam:AddUserToGroup'],
    ['group/quarantine', 'group/mfa-enforcer/console/quarantine2', 'group/admins'].map(iam),
  ),
  ...calls(['iam:RemoveUserFromGroup', 'iam:AttachGroupPolicy'], [iam('group/mfa-enforcer/console/quarantine')]),
  ...calls(['iam:GetCredentialReport', 'iam:ListUsers', 'cloudtrail:ListChannels'], ['*']),
  ...calls(['cloudformation:ListStackResources'], [here('cloudformation', 'stack/corp-mfa2/1')]),
  ...calls(['cloudformation:DeleteStack'], [here('cloudformation', 'stack/corp-mfa/1')]),
  ...calls(['lambda:GetFunctionConfiguration'], [here('lambda', 'function:corp-mfa-GuardFunction-1ABCDEF2GHIJ')]),
  ...calls(['lambda:InvokeFunction'], [here('lambda', 'function:corp-mfa-SweepFunction-1ABCDEF2GHIJ')]),
  ...calls(
    ['s3:GetObject'],
    ['records/1.json', 'organization/runs/1/plan.json'].map((key) => `arn:aws:s3:::corp-evidence/${key}`),
  ),
  ...calls(['s3:PutObject'], ['arn:aws:s3:::corp-evidence/organization/settings.yaml']),
  ...calls(['s3:DeleteBucket'], ['arn:aws:s3:::corp-evidence']),
  ...calls(['s3:ListBucketVersions'], ['arn:aws:s3:::corp-evidence2']),
  ...[source('aws.iam'), source('aws.iam', 'mfa-enforcer'), {}].flatMap((context) =>
    calls(['events:PutEvents'], BUS, context),
  ),
  ...calls(['events:PutEvents'], [`${BUS}2`, here('events', 'event-bus/default')], source('mfa-enforcer')),
]

/** Mutants in which nothing changes, and why. */
const IDLE = { 'adds events:* in Action of EventBus': 'no other call has a source, which the condition asks for' }

it('each session is tried', () => assert.deepEqual(Object.keys(SESSIONS).sort(), Object.keys(DONE).sort()))

const toText = ({ action, resource, context }) => JSON.stringify([action, resource, context])

for (const [word, session] of Object.entries(SESSIONS)) {
  describe(`the session for ${word}`, () => {
    const own = new Set(DONE[word].map(toText))
    const others = Object.values(DONE)
      .flat()
      .filter((call) => !own.has(toText(call)))
    // The role may do everything.
    const policiesOf = ({ resource }) => ({
      identity: [EVERYTHING],
      session,
      // The bus is in another account, which lets this one.
      ...(BUS.includes(resource) && { resource: ITS_POLICY }),
    })
    const cases = (made, expected) =>
      made.map((call) => ({
        policies: policiesOf(call),
        request: {
          principal: `arn:aws:sts::${ACCOUNT}:assumed-role/mfa-enforcer-exemptions/carol`,
          account: ACCOUNT,
          ...call,
        },
        expected,
      }))
    const all = [...cases(DONE[word], 'Allowed'), ...cases([...NEVER, ...others], 'Denied')]
    checks('does what it is for, and nothing else', all)
    checksThatMutantsAreNoticed(`the session for ${word}`, session, all, { idle: IDLE })
  })
}

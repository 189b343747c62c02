// What a session of `doctor --org` may do in another account, as the core writes its policy.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checks, checksThatMutantsAreNoticed } from './cases.mjs'
import { EVERYTHING, isAllowed } from './simulate.mjs'
import { policyFile, text } from './stacks.mjs'

const ACCOUNT = '111122223333'
const HOME = 'us-gov-west-1'
const ELSEWHERE = 'us-gov-east-1'
const ORGANIZATIONS = JSON.parse(await text('contract/sessions-of-checks.json'))
const FILES = ['doctor-organization.json', 'doctor-organization-live.json']
// None of these is the name that it is made of.
const OTHERS = [(name) => `${name}x`, (name) => `x${name}`, (name) => name.slice(0, -1), (name) => name.toUpperCase()]
const TEST_EVENT = { 'events:source': ['mfa-enforcer.test'] }
const OTHER_EVENTS = [{}, { 'events:source': ['aws.iam'] }, { 'events:source': ['aws.iam', 'mfa-enforcer.test'] }]
/** Mutants in which nothing changes, and why. */
const IDLE = { 'adds events:* in Action of TestEvents': 'no other call has a source, which the condition asks for' }

const arn = (service, rest, region = HOME) => `arn:aws-us-gov:${service}:${region}:${ACCOUNT}:${rest}`
const s3 = (rest) => `arn:aws-us-gov:s3:::${rest}`
const stackArn = (name) => [arn('cloudformation', `stack/${name}/1234abcd`)]
const functionArn = (name) => [arn('lambda', `function:${name}`)]
const queueArn = (name) => [arn('sqs', name)]
const deadLettersArn = (name) => [HOME, ELSEWHERE].map((region) => arn('sqs', `${name}-dead-letters`, region))
const objectArn = (name) => ['settings.yaml', 'runs/1/plan.json'].map((key) => s3(`${name}/organization/${key}`))
const bucketArn = (name) => [s3(name)]
const logArn = (name) => [arn('logs', `log-group:${name}:log-stream:`)]
const busArn = (name) => [arn('events', `event-bus/${name}`)]

/** What each session is for: calls on things with these names, or on whatever the account has. */
function callsOf({ stack, functions, queues, bucket, logGroup, members }) {
  const account = [
    { actions: ['iam:GetAccountAuthorizationDetails', 'events:ListRules', 'events:ListRuleNamesByTarget'] },
    { actions: ['account:ListRegions'], whole: arn('account', 'account', '') },
    { actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl'], names: members, arns: deadLettersArn },
  ]
  const ofStack = { names: [stack], arns: stackArn }
  return {
    stack: [{ actions: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources'], ...ofStack }],
    parts: [
      { actions: ['lambda:GetFunctionConfiguration'], names: functions, arns: functionArn },
      { actions: ['sqs:GetQueueAttributes'], names: queues, arns: queueArn },
    ],
    bucket: [
      { actions: ['s3:GetObject', 's3:GetObjectVersion'], names: [bucket], arns: objectArn },
      { actions: ['s3:ListBucket', 's3:ListBucketVersions'], names: [bucket], arns: bucketArn },
    ],
    account,
    management: [{ actions: ['cloudformation:DescribeStacks'], ...ofStack }, ...account],
    log: [{ actions: ['logs:FilterLogEvents'], names: [logGroup], arns: logArn }],
    event: [{ actions: ['events:PutEvents'], names: ['default'], arns: busArn, context: TEST_EVENT }],
  }
}

/** Calls that no session makes, on the same things. */
const neverMade = ({ stack, functions, queues, bucket, logGroup, members }) => [
  ['cloudformation:DeleteStack', stackArn(stack)],
  ['lambda:InvokeFunction', functions.flatMap(functionArn)],
  ['sqs:ReceiveMessage', [...queues.flatMap(queueArn), ...members.flatMap(deadLettersArn)]],
  ['s3:PutObject', objectArn(bucket)],
  ['s3:GetObject', [s3(`${bucket}/records/1.json`), s3(`${bucket}/organizations/tree.json`)]],
  ['s3:DeleteBucket', bucketArn(bucket)],
  ['logs:PutLogEvents', logArn(logGroup).map((group) => `${group}1`)],
  ['events:DeleteEventBus', busArn('default')],
  ['events:TestEventPattern', ['*']],
  ['account:EnableRegion', [arn('account', 'account', '')]],
  // Of another account, from the management account.
  ['account:ListRegions', [arn('account', 'account/o-a1b2c3d4e5/444455556666', '')]],
  ['iam:GetCredentialReport', ['*']],
]

const request = (action, resource, context = {}) => ({
  principal: `arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/OrganizationAccountAccessRole/mfa-enforcer-carol`,
  account: ACCOUNT,
  action,
  resource,
  context,
})

/** The requests of a call, on things with other names if some are given. */
function requestsOf({ actions, whole = '*', names, arns, context }, other = (name) => name) {
  const resources = names ? names.flatMap((name) => arns(other(name))) : [whole]
  return actions.flatMap((action) => resources.map((resource) => request(action, resource, context)))
}

for (const organization of ORGANIZATIONS) {
  const calls = callsOf(organization)
  const sessions = Object.assign({}, ...organization.sessions)
  const everyCall = Object.values(calls).flat()
  const misnamed = everyCall
    .filter(({ names }) => names)
    .flatMap((call) => OTHERS.flatMap((other) => requestsOf(call, other)))
  const never = neverMade(organization).flatMap(([action, arns]) => arns.map((resource) => request(action, resource)))

  describe(`with ${organization.title}`, () => {
    it('each session is tried', () => assert.deepEqual(Object.keys(sessions).sort(), Object.keys(calls).sort()))

    for (const [word, session] of Object.entries(sessions)) {
      const own = calls[word].flatMap((call) => requestsOf(call))
      const isOwn = (one) => own.some(({ action, resource }) => one.action === action && one.resource === resource)
      const ofOthers = everyCall.flatMap((call) => requestsOf(call)).filter((one) => !isOwn(one))
      const events = own.filter(({ action }) => action === 'events:PutEvents')
      const notATest = OTHER_EVENTS.flatMap((context) => events.map((one) => ({ ...one, context })))
      // The role may do everything.
      const policies = { identity: [EVERYTHING], session }
      const cases = (requests, expected) => requests.map((one) => ({ policies, request: one, expected }))
      const all = [...cases(own, 'Allowed'), ...cases([...misnamed, ...never, ...ofOthers, ...notATest], 'Denied')]
      checks(`the session for ${word} makes its calls on what has these names, and no other`, all)
      checksThatMutantsAreNoticed(`the session for ${word}`, session, all, { idle: IDLE })
    }
  })
}

it('with the names of the templates, no session may do more than the files', async () => {
  const [organization] = ORGANIZATIONS
  const identity = await Promise.all(FILES.map(policyFile))
  const calls = Object.values(callsOf(organization)).flat()
  const requests = calls.flatMap((call) => requestsOf(call))
  for (const [word, session] of organization.sessions.flatMap(Object.entries)) {
    for (const one of requests) {
      if (!(await isAllowed({ identity: [EVERYTHING], session }, one))) continue
      assert.ok(await isAllowed({ identity }, one), `${word}: ${one.action} on ${one.resource}`)
    }
  }
})

// Every call that the stack makes, and which roles make it. Nobody else may.

export const FUNCTIONS = ['sign-in', 'user-lifecycle', 'mfa-device', 'sweep']
export const OTHER_ROLES = ['SweepFunctionDailyRole', 'forward', 'forward-admin', 'forward-exec']
// A sign-in never releases anybody.
const RELEASING = FUNCTIONS.filter((name) => name !== 'sign-in')
const SWEEP = ['sweep']
const FOLLOWING_EVENTS = FUNCTIONS.filter((name) => name !== 'sweep')
const WRITING_DEAD_LETTERS = [...FUNCTIONS, 'SweepFunctionDailyRole']

/** A tag with these keys. */
export const tags = (...keys) => ({
  'aws:TagKeys': keys,
  ...Object.fromEntries(keys.map((key) => [`aws:RequestTag/${key}`, 'value'])),
})
/** A tag that is removed. */
export const tagKeys = (...keys) => ({ 'aws:TagKeys': keys })
/** A policy that is attached or detached: the one of a scope. */
export const policyOf = (scope) => (w) => ({
  'iam:PolicyARN': w.arns[scope === 'console' ? 'ConsoleQuarantinePolicy' : 'EverythingQuarantinePolicy'],
})
export const otherScope = (w) => policyOf(w.scope === 'console' ? 'everything' : 'console')(w)
const setScope = (w) => policyOf(w.scope)(w)
// How SNS calls itself in China cannot be tried here, so both must do.
const throughSns = (w) =>
  ['amazonaws.com', w.urlSuffix].map((suffix) => ({ 'kms:ViaService': `sns.${w.region}.${suffix}` }))
const toEvents = { 'iam:PassedToService': 'events.amazonaws.com' }
export const bySubscriptionOf = (protocol, endpoint) => ({ 'sns:Protocol': protocol, 'sns:Endpoint': endpoint })

/** Rows of: title, action, target, roles that make it, and the context that comes with it. */
function table(rows) {
  return rows.map(([title, action, target, by, context]) => ({ title, action, target, by, context }))
}

/** The same row for several actions. */
const each = (title, service, actions, target, by, context) =>
  actions.map((action) => [title, `${service}:${action}`, target, by, context])

export const CALLS = table([
  ...each(
    'look at a user',
    'iam',
    ['GetUser', 'GetLoginProfile', 'ListMFADevices', 'ListAttachedUserPolicies', 'ListGroupsForUser'],
    'any user',
    FUNCTIONS,
  ),
  // To see that the user is exempt.
  ['look at an exempt user', 'iam:GetUser', 'a break-glass user', FUNCTIONS],
  ['attach the quarantine policy', 'iam:AttachUserPolicy', 'any user', FUNCTIONS, setScope],
  ['put into the quarantine group', 'iam:AddUserToGroup', 'the quarantine group', FUNCTIONS],
  ['note the quarantine', 'iam:TagUser', 'any user', FUNCTIONS, tags('mfa-enforcer:quarantined')],
  ['detach the quarantine policy', 'iam:DetachUserPolicy', 'any user', RELEASING, setScope],
  ['detach the policy of the other scope', 'iam:DetachUserPolicy', 'any user', RELEASING, otherScope],
  ['take out of the quarantine group', 'iam:RemoveUserFromGroup', 'the quarantine group', RELEASING],
  ['remove the note of the quarantine', 'iam:UntagUser', 'any user', RELEASING, tagKeys('mfa-enforcer:quarantined')],
  ['note what was said', 'iam:TagUser', 'any user', FUNCTIONS, tags('mfa-enforcer:notified')],
  ['note an alert', 'iam:TagUser', 'any user', FOLLOWING_EVENTS, tags('mfa-enforcer:alerted')],
  ["make a user's topic", 'sns:CreateTopic', "a user's topic", FUNCTIONS],
  ['see who listens', 'sns:ListSubscriptionsByTopic', "a user's topic", FUNCTIONS],
  [
    'subscribe a mail address',
    'sns:Subscribe',
    "a user's topic",
    FUNCTIONS,
    bySubscriptionOf('email', 'a@example.com'),
  ],
  ['tell a user by mail', 'sns:Publish', "a user's topic", FUNCTIONS],
  ['tell the administrators', 'sns:Publish', 'the alerts topic', FUNCTIONS],
  ...each(
    'encrypt for the administrators',
    'kms',
    ['GenerateDataKey', 'Decrypt'],
    'the alerts key',
    FUNCTIONS,
    throughSns,
  ),
  ['read which root events were told', 'sns:ListTagsForResource', 'the alerts topic', FUNCTIONS],
  ['note a root event', 'sns:TagResource', 'the alerts topic', FUNCTIONS, tags('mfa-enforcer:root-notified')],
  ['remember the sweep', 'sns:TagResource', 'the alerts topic', SWEEP, tags('mfa-enforcer:last-sweep')],

  ...each(
    'read the whole account',
    'iam',
    [
      'GenerateCredentialReport',
      'GetCredentialReport',
      'GetAccountAuthorizationDetails',
      'GetAccountSummary',
      'ListVirtualMFADevices',
    ],
    'the account',
    SWEEP,
  ),
  ["find users' topics", 'sns:ListTopics', 'the account', SWEEP],
  ['delete a topic', 'sns:DeleteTopic', "a user's topic", SWEEP],

  ...each('write the log', 'logs', ['CreateLogStream', 'PutLogEvents'], 'the own log', FUNCTIONS),
  ['keep a failed event', 'sqs:SendMessage', 'the dead-letter queue', WRITING_DEAD_LETTERS],
  ['start the sweep', 'lambda:InvokeFunction', 'the function of the sweep', ['SweepFunctionDailyRole']],
  ['forward a sign-in', 'events:PutEvents', 'the event bus', ['forward']],

  ['act in other regions', 'sts:AssumeRole', 'the execution role', ['forward-admin']],
  ...each(
    'deploy the stack there',
    'cloudformation',
    [
      'CreateStack',
      'UpdateStack',
      'DeleteStack',
      'DescribeStacks',
      'DescribeStackEvents',
      'DescribeStackResource',
      'DescribeStackResources',
      'GetTemplate',
      'ListStackResources',
      'TagResource',
      'UntagResource',
    ],
    'the stack in another region',
    ['forward-exec'],
  ),
  ...each(
    'make its rule',
    'events',
    [
      'PutRule',
      'DeleteRule',
      'DescribeRule',
      'PutTargets',
      'RemoveTargets',
      'ListTargetsByRule',
      'TagResource',
      'UntagResource',
      'ListTagsForResource',
    ],
    'the rule in another region',
    ['forward-exec'],
  ),
  ...each(
    'make its queue',
    'sqs',
    [
      'CreateQueue',
      'DeleteQueue',
      'GetQueueAttributes',
      'SetQueueAttributes',
      'GetQueueUrl',
      'TagQueue',
      'UntagQueue',
      'ListQueueTags',
    ],
    'the queue in another region',
    ['forward-exec'],
  ),
  ['give the rule its role', 'iam:PassRole', 'the forwarding role', ['forward-exec'], toEvents],
])

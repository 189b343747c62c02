// What calls are made on, in words, with the ARNs that stand for it in a deployment.

const iam = (w, rest) => `arn:${w.partition}:iam::${w.account}:${rest}`
const regional = (service, rest) => (w) => `arn:${w.partition}:${service}:${w.region}:${w.account}:${rest}`
const own = (logicalId) => (w) => w.arns[logicalId]
const elsewhere = (logicalId) => (w) => w.elsewhere.arns[logicalId]
const user = (path, name) => (w) => iam(w, `user${path}${name}`)
const userTopic = regional('sns', '')
const stream = (w, logicalId) => w.arns[logicalId].replace(/\*$/, 'log-stream:2026/11/24/[$LATEST]0a1b2c')
const stackArn = (w, region, name) =>
  `arn:${w.partition}:cloudformation:${region}:${w.account}:stack/${name}/0a1b2c3d-0000-1111-2222-333344445555`
const LOGS = {
  'sign-in': 'SignInLogs',
  'user-lifecycle': 'UserLifecycleLogs',
  'mfa-device': 'MfaDeviceLogs',
  sweep: 'SweepLogs',
}
const FUNCTIONS = ['SignInFunction', 'UserLifecycleFunction', 'MfaDeviceFunction', 'SweepFunction']
const ids =
  (...logicalIds) =>
  (w) =>
    logicalIds.map((id) => w.arns[id])

/** Each gives an ARN or several, of a deployment and, where that matters, of the role that calls. */
export const TARGETS = {
  'any user': (w) =>
    [
      user('/', 'alice'),
      user('/engineering/eu/', 'lee.o+ops=1,2@example.com'),
      // Almost a break-glass user.
      user(w.breakGlassPath.replace(/\/$/, 'y/'), 'alice'),
      user('/', w.breakGlassPath.split('/')[1]),
    ].map((one) => one(w)),
  'a break-glass user': (w) =>
    [user(w.breakGlassPath, 'glass-1'), user(`${w.breakGlassPath}deeper/`, 'alice')].map((one) => one(w)),
  'the quarantine group': own('QuarantineGroup'),
  'another group': (w) =>
    ['group/administrators', `group/admins/${w.arns.QuarantineGroup.split('/').pop()}`, 'group/mfa-enforcer'].map(
      (rest) => iam(w, rest),
    ),
  'the quarantine policies': ids('ConsoleQuarantinePolicy', 'EverythingQuarantinePolicy'),
  'the own policies': ids('ReadAndNotifyPolicy', 'AlertPolicy', 'ContainPolicy', 'ReleasePolicy', 'ReviewPolicy'),
  'a new policy': (w) => iam(w, 'policy/fresh'),
  'the own role': (w, role) => w.roles[role].arn,
  'any role of the stack': (w) => Object.values(w.roles).map(({ arn }) => arn),
  'another role': (w) => [iam(w, 'role/administrator'), iam(w, 'role/cicd/deploy')],
  'the execution role': own('ForwardExecutionRole'),
  'the forwarding role': own('ForwardRole'),
  'a virtual device': (w) => iam(w, 'mfa/alice'),

  'the alerts topic': own('AlertsTopic'),
  "a user's topic": (w) => `${userTopic(w)}${w.stack}-user-AIDAEXAMPLEEXAMPLE1`,
  'another topic': (w) => [
    `${userTopic(w)}payments`,
    `${userTopic(w)}${w.stack}-users`,
    `${userTopic(w)}x${w.stack}-user-AIDAEXAMPLEEXAMPLE1`,
    `arn:${w.partition}:sns:${w.elsewhere.region}:${w.account}:${w.stack}-user-AIDAEXAMPLEEXAMPLE1`,
    `arn:${w.partition}:sns:${w.region}:444455556666:${w.stack}-user-AIDAEXAMPLEEXAMPLE1`,
  ],
  'the alerts key': own('AlertsKey'),
  'another key': regional('kms', 'key/0000abcd-12ab-34cd-56ef-1234567890ab'),
  'the dead-letter queue': own('DeadLetters'),
  'another queue': regional('sqs', 'orders'),
  'the own log': (w, role) => stream(w, LOGS[role] ?? 'SignInLogs'),
  "another function's log": (w, role) =>
    Object.entries(LOGS)
      .filter(([name]) => name !== role)
      .map(([, id]) => stream(w, id)),
  'any log': (w) => [
    ...Object.values(LOGS).map((id) => stream(w, id)),
    regional('logs', 'log-group:audit:log-stream:x')(w),
  ],
  'any log group': (w) => [
    ...Object.values(LOGS).map((id) => w.arns[id].replace(/:\*$/, '')),
    regional('logs', 'log-group:audit')(w),
  ],

  'the function of the sweep': own('SweepFunction'),
  'another function': (w) => [
    ...FUNCTIONS.filter((id) => id !== 'SweepFunction').map((id) => w.arns[id]),
    regional('lambda', 'function:payments')(w),
  ],
  'any function': (w) => [...FUNCTIONS.map((id) => w.arns[id]), regional('lambda', 'function:payments')(w)],
  'the event bus': regional('events', 'event-bus/default'),
  'another event bus': (w) => [
    regional('events', 'event-bus/orders')(w),
    `arn:${w.partition}:events:${w.region}:444455556666:event-bus/default`,
  ],
  'the own rules': ids('SignInFunctionSignIns', 'UserLifecycleFunctionUsers', 'MfaDeviceFunctionDevices'),
  'the own schedule': own('SweepFunctionDaily'),
  'the own alarms': ids('SweepMissedAlarm', 'DeadLettersAlarm', 'SignInErrorsAlarm'),
  'a trail': regional('cloudtrail', 'trail/management-events'),

  'the stack in another region': (w) => stackArn(w, w.elsewhere.region, w.elsewhere.stack),
  'another stack': (w) => [w.stack, 'payments'].map((stack) => stackArn(w, w.region, stack)),
  'the rule in another region': elsewhere('SignIns'),
  'another rule': (w) => [w.arns.SignInFunctionSignIns, regional('events', 'rule/payments')(w)],
  'the queue in another region': elsewhere('DeadLetters'),

  'a bucket': (w) => `arn:${w.partition}:s3:::payroll`,
  'an object': (w) => `arn:${w.partition}:s3:::payroll/2026.csv`,
  'a secret': regional('secretsmanager', 'secret:payroll-a1b2c3'),
  'a parameter': regional('ssm', 'parameter/payroll'),
  'an instance': regional('ec2', 'instance/i-0123456789abcdef0'),
  'the account': () => '*',
}

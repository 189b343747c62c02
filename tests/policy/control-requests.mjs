// What the service control policy keeps for a few, by right, and what it must leave to everybody.

import { ACCOUNT } from './simulate.mjs'

const arn = (service, place, rest) => (me) => `arn:${me.partition}:${service}:${place}:${ACCOUNT}:${rest}`
const iam = (rest) => arn('iam', '', rest)
const here = (service, rest) => arn(service, 'us-east-1', rest)
const there = (service, rest) => arn(service, 'eu-west-1', rest)
const alice = iam('user/alice')
const lee = iam('user/engineering/eu/lee')

const policy = (rest) => (me) => ({ 'iam:PolicyARN': iam(`policy/${rest}`)(me) })
const tags = (...keys) => () => ({ 'aws:TagKeys': keys })
const ID = '0a1b2c3d-0000-4000-8000-000000000001'
const stackElsewhere = (name) => there('cloudformation', `stack/StackSet-${name}/${ID}`)
const stackSet = (name) => here('cloudformation', `stackset/${name}:${ID}`)

function table(right, rows) {
  return rows.map(([title, action, on, context]) => ({ right, title, action, on, context }))
}

/** One row a thing that somebody could do, for a stack of this name. `right` is what it takes to be allowed. */
export function requestsOf(stack) {
  const tag = (name) => `mfa-enforcer:${name}`
  const topicTags = (key) => tags(`mfa-enforcer:${key}`)
  const alertsTopic = here('sns', `${stack}-AlertsTopic-1A2B3C`)
  const deadLetters = here('sqs', `${stack}-DeadLetters-1A2B3C`)
  const theFunction = here('lambda', `function:${stack}-SweepFunction-1A2B3C`)
  const theRule = here('events', `rule/${stack}-SignInFunctionSignIns-1A2B3C`)
  const theSchedule = here('scheduler', `schedule/default/${stack}-SweepFunctionDaily-1A2B3C`)
  const theStack = here('cloudformation', `stack/${stack}/${ID}`)
  const theGroup = iam(`group/${stack}-QuarantineGroup-1A2B3C`)
  const theAlarm = here('cloudwatch', `alarm:${stack}-sweep-missed`)
  const logGroup = here('logs', `log-group:${stack}-SweepLogs-1A2B3C`)
  const logStream = here('logs', `log-group:${stack}-SweepLogs-1A2B3C:log-stream:2026/11/24/1`)
  const console_ = `${stack}-ConsoleQuarantinePolicy-1A2B3C`
  const everything = `${stack}-EverythingQuarantinePolicy-1A2B3C`
  const roles = ['sweep', 'deploy', 'exemptions', 'forward-exec'].map((one) => `${stack}-${one}`)

  return [
    ...table('lift', [
      ['detach the console quarantine', 'iam:DetachUserPolicy', alice, policy(console_)],
      ['detach the everything quarantine', 'iam:DetachUserPolicy', alice, policy(everything)],
      ['detach a quarantine from a user with a path', 'iam:DetachUserPolicy', lee, policy(console_)],
      ['take a user out of the quarantine group', 'iam:RemoveUserFromGroup', theGroup],
      ['set the mark of a quarantine', 'iam:TagUser', alice, tags(tag('quarantined'))],
      ['remove the mark of a quarantine', 'iam:UntagUser', lee, tags(tag('quarantined'))],
      ['replace the mark in other letters', 'iam:TagUser', alice, tags('MFA-Enforcer:Quarantined')],
      ['claim that a user was told', 'iam:TagUser', alice, tags(tag('notified'))],
      ['claim that the administrators were alerted', 'iam:TagUser', alice, tags(tag('alerted'))],
      ['hide the mark among other tags', 'iam:TagUser', alice, tags('email', tag('notified'), 'team')],
      ['create a user with the mark of a quarantine', 'iam:CreateUser', alice, tags(tag('quarantined'))],
      ['claim that an event about root was reported', 'sns:TagResource', alertsTopic, topicTags('root-notified')],
      ['make the digest forget', 'sns:UntagResource', alertsTopic, topicTags('last-sweep')],
    ]),
    ...table('exempt', [
      ['exempt a user', 'iam:TagUser', alice, tags(tag('exempt-until'))],
      ['exempt a user with a path', 'iam:TagUser', lee, tags(tag('exempt-until'))],
      ['end an exemption', 'iam:UntagUser', alice, tags(tag('exempt-until'))],
      ['exempt a user in other letters', 'iam:TagUser', alice, tags('MFA-ENFORCER:EXEMPT-UNTIL')],
      ['hide an exemption among other tags', 'iam:TagUser', alice, tags('email', tag('exempt-until'))],
      ['create a user who is exempt', 'iam:CreateUser', alice, tags(tag('exempt-until'))],
      ['create a user below the exempt path', 'iam:CreateUser', iam('user/break-glass/alice')],
      ['move a user below the exempt path', 'iam:UpdateUser', iam('user/break-glass/alice')],
      ['move a user deep below the exempt path', 'iam:UpdateUser', iam('user/break-glass/eu/alice')],
    ]),
    ...table('change', [
      ...['CreatePolicyVersion', 'SetDefaultPolicyVersion', 'DeletePolicyVersion', 'DeletePolicy'].flatMap((call) =>
        [console_, everything, `${stack}-ReleasePolicy-1A2B3C`].map((name) => [
          `call ${call} on ${name}`, `iam:${call}`, iam(`policy/${name}`),
        ]),
      ),
      ['take the quarantine off its group', 'iam:DetachGroupPolicy', theGroup],
      ['attach a policy to the quarantine group', 'iam:AttachGroupPolicy', theGroup],
      ['write a policy into the quarantine group', 'iam:PutGroupPolicy', theGroup],
      ['rename the quarantine group', 'iam:UpdateGroup', theGroup],
      ['delete the quarantine group', 'iam:DeleteGroup', theGroup],
      ...[...roles, 'break-glass'].flatMap((name) =>
        [
          'AttachRolePolicy', 'CreateRole', 'DeleteRole', 'DetachRolePolicy', 'PassRole', 'PutRolePolicy',
          'UpdateAssumeRolePolicy',
        ].map((call) => [`call ${call} on ${name}`, `iam:${call}`, iam(`role/${name}`)]),
      ),
      ['make a role that its path would exempt', 'iam:CreateRole', iam(`role/${stack}-x/anybody`)],
      ['replace the code', 'lambda:UpdateFunctionCode', theFunction],
      ['replace the settings', 'lambda:UpdateFunctionConfiguration', theFunction],
      ['make a function in its place', 'lambda:CreateFunction', theFunction],
      ['delete a function', 'lambda:DeleteFunction', theFunction],
      ['throttle a function to nothing', 'lambda:PutFunctionConcurrency', theFunction],
      ['let others call a function', 'lambda:AddPermission', theFunction],
      ['keep the rule from calling a function', 'lambda:RemovePermission', theFunction],
      ['narrow the rule', 'events:PutRule', theRule],
      ['redirect the rule', 'events:PutTargets', theRule],
      ['empty the rule', 'events:RemoveTargets', theRule],
      ['disable the rule', 'events:DisableRule', theRule],
      ['delete the rule', 'events:DeleteRule', theRule],
      ['disable the rule of another region', 'events:DisableRule', there('events', `rule/StackSet-${stack}-forward-1A2B`)],
      ['delete the schedule', 'scheduler:DeleteSchedule', theSchedule],
      ['move the schedule', 'scheduler:UpdateSchedule', theSchedule],
      ['update the stack, with its service role', 'cloudformation:UpdateStack', theStack],
      ['delete the stack', 'cloudformation:DeleteStack', theStack],
      ['prepare a change of the stack', 'cloudformation:CreateChangeSet', theStack],
      ['make a prepared change', 'cloudformation:ExecuteChangeSet', theStack],
      ['break off an update', 'cloudformation:CancelUpdateStack', theStack],
      ['go on with a rollback', 'cloudformation:ContinueUpdateRollback', theStack],
      ['roll the stack back', 'cloudformation:RollbackStack', theStack],
      ['open the stack by its policy', 'cloudformation:SetStackPolicy', theStack],
      ['delete the stack of another region', 'cloudformation:DeleteStack', stackElsewhere(`${stack}-forward-1A2B`)],
      ['take regions away from the stack set', 'cloudformation:DeleteStackInstances', stackSet(`${stack}-forward`)],
      ['delete the alerts topic', 'sns:DeleteTopic', alertsTopic],
      ['change the alerts topic', 'sns:SetTopicAttributes', alertsTopic],
      ['have the alerts topic refuse messages', 'sns:PutDataProtectionPolicy', alertsTopic],
      ['let others publish alerts', 'sns:AddPermission', alertsTopic],
      ['keep alarms from publishing', 'sns:RemovePermission', alertsTopic],
      ['end the subscription of an administrator', 'sns:Unsubscribe', alertsTopic],
      ['delete the dead letters', 'sqs:DeleteQueue', deadLetters],
      ['close the queue of the dead letters', 'sqs:SetQueueAttributes', deadLetters],
      ['delete the log', 'logs:DeleteLogGroup', logGroup],
      ['delete a part of the log', 'logs:DeleteLogStream', logStream],
      ['keep the log for a day', 'logs:PutRetentionPolicy', logGroup],
      ['delete an alarm', 'cloudwatch:DeleteAlarms', theAlarm],
      ['silence an alarm', 'cloudwatch:DisableAlarmActions', theAlarm],
      ['raise the threshold of an alarm', 'cloudwatch:PutMetricAlarm', theAlarm],
    ]),
    ...table('none', [
      // What containing and running it takes.
      ['contain a user by hand', 'iam:AttachUserPolicy', alice, policy(console_)],
      ['contain a user through the group', 'iam:AddUserToGroup', theGroup],
      ['run the sweep', 'lambda:InvokeFunction', theFunction],
      ['read the code', 'lambda:GetFunction', theFunction],
      ['write the log', 'logs:PutLogEvents', logStream],
      ['search the log', 'logs:FilterLogEvents', logGroup],
      ['publish an alert', 'sns:Publish', alertsTopic],
      ['subscribe to the alerts', 'sns:Subscribe', alertsTopic],
      ['delete the topic of a user', 'sns:DeleteTopic', here('sns', `${stack}-user-AIDAEXAMPLEALICE`)],
      ['take a dead letter', 'sqs:DeleteMessage', deadLetters],
      ['send a dead letter', 'sqs:SendMessage', deadLetters],
      ['look at the stack', 'cloudformation:DescribeStacks', theStack],
      ['switch the rule on', 'events:EnableRule', theRule],
      ['put an event on the bus', 'events:PutEvents', here('events', 'event-bus/default')],
      // What administrators do to users all day.
      ['create a user', 'iam:CreateUser', alice],
      ['create a user with an address', 'iam:CreateUser', alice, tags('email')],
      ['delete a user', 'iam:DeleteUser', alice],
      ['set the address of a user', 'iam:TagUser', alice, tags('email', 'phone')],
      ['rename a user', 'iam:UpdateUser', lee],
      ['enrol a device', 'iam:EnableMFADevice', alice],
      ['remove a password', 'iam:DeleteLoginProfile', alice],
      // Near misses.
      ['detach another policy', 'iam:DetachUserPolicy', alice, policy('developers')],
      ['detach a policy of AWS', 'iam:DetachUserPolicy', alice, (me) => ({
        'iam:PolicyARN': `arn:${me.partition}:iam::aws:policy/AdministratorAccess`,
      })],
      ['detach a policy that sounds alike', 'iam:DetachUserPolicy', alice, policy(`my-${console_}`)],
      ['detach a policy of that name below a path', 'iam:DetachUserPolicy', alice, policy(`team/${console_}`)],
      ['change another policy', 'iam:CreatePolicyVersion', iam('policy/developers')],
      ['change a policy of that name below a path', 'iam:DeletePolicy', iam(`policy/team/${console_}`)],
      ['take a user out of another group', 'iam:RemoveUserFromGroup', iam('group/engineers')],
      ['take a user out of a group that sounds alike', 'iam:RemoveUserFromGroup', iam(`group/my-${stack}-QuarantineGroup`)],
      ['delete another group', 'iam:DeleteGroup', iam('group/engineers')],
      ['set a tag that sounds alike', 'iam:TagUser', alice, tags('mfa-enforcer', 'my-mfa-enforcer:quarantined')],
      ['set a tag that begins alike', 'iam:TagUser', alice, tags('mfa-enforcer:exempt-until-when')],
      ['set the tag on a role', 'iam:TagRole', iam('role/developers'), tags(tag('exempt-until'))],
      ['tag a topic that sounds alike', 'sns:TagResource', here('sns', `my-${stack}-AlertsTopic-1A2B`), topicTags('last-sweep')],
      ['tag another topic', 'sns:TagResource', here('sns', 'billing-AlertsTopic-1A2B'), topicTags('last-sweep')],
      ['create a user below a path that begins alike', 'iam:CreateUser', iam('user/break-glass-readers/alice')],
      ['move a user below a path that ends alike', 'iam:UpdateUser', iam('user/team/break-glass/alice')],
      ['name a user like the exempt path', 'iam:CreateUser', iam('user/break-glass')],
      ['make a role', 'iam:CreateRole', iam('role/developers')],
      ['make a role of that name below a path', 'iam:CreateRole', iam(`role/team/${stack}-sweep`)],
      ['pass another role', 'iam:PassRole', iam('role/developers')],
      ['change another function', 'lambda:UpdateFunctionCode', here('lambda', 'function:billing')],
      ['disable another rule', 'events:DisableRule', here('events', 'rule/billing')],
      ['delete another schedule', 'scheduler:DeleteSchedule', here('scheduler', 'schedule/default/billing')],
      ['update another stack', 'cloudformation:UpdateStack', here('cloudformation', `stack/${stack}-test/${ID}`)],
      ['delete another topic', 'sns:DeleteTopic', here('sns', 'billing')],
      ['delete another queue', 'sqs:DeleteQueue', here('sqs', 'billing')],
      ['delete another log', 'logs:DeleteLogGroup', here('logs', 'log-group:billing')],
      ['delete another alarm', 'cloudwatch:DeleteAlarms', here('cloudwatch', 'alarm:billing')],
      ...[
        ['role', 'iam:CreateRole', iam(`role/my-${stack}-sweep`)],
        ['role for emergencies', 'iam:CreateRole', iam('role/not-break-glass')],
        ['policy', 'iam:DeletePolicy', iam(`policy/my-${console_}`)],
        ['group', 'iam:DeleteGroup', iam(`group/my-${stack}-QuarantineGroup`)],
        ['function', 'lambda:UpdateFunctionCode', here('lambda', `function:my-${stack}-x`)],
        ['rule', 'events:DisableRule', here('events', `rule/my-${stack}-x`)],
        ['rule of a stack set', 'events:DisableRule', there('events', `rule/StackSet-my-${stack}-x`)],
        ['schedule', 'scheduler:DeleteSchedule', here('scheduler', `schedule/default/my-${stack}-x`)],
        ['stack', 'cloudformation:DeleteStack', here('cloudformation', `stack/my-${stack}/${ID}`)],
        ['stack of a stack set', 'cloudformation:DeleteStack', stackElsewhere(`my-${stack}-x`)],
        ['stack set', 'cloudformation:DeleteStackSet', stackSet(`my-${stack}-x`)],
        ['topic', 'sns:DeleteTopic', here('sns', `my-${stack}-AlertsTopic-1A2B3C`)],
        ['queue', 'sqs:DeleteQueue', here('sqs', `my-${stack}-DeadLetters-1A2B3C`)],
        ['log', 'logs:DeleteLogGroup', here('logs', `log-group:my-${stack}-x`)],
        ['alarm', 'cloudwatch:DeleteAlarms', here('cloudwatch', `alarm:my-${stack}-x`)],
      ].map(([what, action, on]) => [`change a ${what} that sounds alike`, action, on]),
    ]),
  ]
}

/** Every case there is for a stack, with the verdict that a correct document gives. */
export function controlCases(callers, requests) {
  return requests.flatMap((request) =>
    callers.map((caller) => ({
      caller,
      request,
      resource: request.on(caller),
      expected: request.right === 'none' || caller.rights.includes(request.right) ? 'Allowed' : 'ExplicitlyDenied',
    })),
  )
}
